/* Functions of C whose work is counted. Stands on state. */
#ifndef MOONWHEEL_BRIDGE_COUNTED_FUNCTIONS_H
#define MOONWHEEL_BRIDGE_COUNTED_FUNCTIONS_H

#include "state.h"

/* Replaces the functions that work without allocating by those that count. */
void mw_count_functions(lua_State *L); /* raises; stack: globals */

#endif
