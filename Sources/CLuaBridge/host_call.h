/* Host functions: how a script calls Swift. Stands on buffer, bulk_registration, callbacks, codec, duration, preempt,
 * traceback and worker. */
#ifndef MOONWHEEL_BRIDGE_HOST_CALL_H
#define MOONWHEEL_BRIDGE_HOST_CALL_H

#include "state.h"

/* Pushes the Lua function that calls host function number `function`. The texts are as in mw_register. */
void mw_push_host_function(lua_State *L, uint32_t function, uint32_t flags, const char *name,
                           const char *arguments); /* raises; stack: +function */

/* Gives the prelude `host.make_function(number, flags, name, arguments)`, for modules whose table is made at its first
 * use. After mw_open_objects. */
void mw_open_host_calls(lua_State *L); /* raises */

#endif
