/* How a callback ended. Stands on buffer, codec and objects. */
#ifndef MOONWHEEL_BRIDGE_RUN_END_H
#define MOONWHEEL_BRIDGE_RUN_END_H

#include "state.h"

/* Appends the text of an error value, read without metamethods. */
void mw_append_error(lua_State *L, int index, mw_buffer *into);
/* The continuation of a callback's lua_pcallk. stack: handler, run, results... or handler, run, error */
int mw_finish(lua_State *L, int status, lua_KContext context);

#endif
