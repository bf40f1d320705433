/* tostring and string.format, without addresses. */
#ifndef MOONWHEEL_BRIDGE_TEXTS_H
#define MOONWHEEL_BRIDGE_TEXTS_H

#include "state.h"

void mw_open_texts(lua_State *L); /* raises; stack: globals */

#endif
