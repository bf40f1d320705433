/* Durations as scripts write them. Stands on no other file. */
#ifndef MOONWHEEL_BRIDGE_DURATION_H
#define MOONWHEEL_BRIDGE_DURATION_H

#include "state.h"

/* Reads the duration at an index of the stack. False for forms that only the host can read, and for those that it
 * refuses. */
bool mw_to_duration(lua_State *L, int index, int64_t *nanoseconds);

#endif
