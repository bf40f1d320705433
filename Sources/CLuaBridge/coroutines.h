/* Our own pcall, xpcall and coroutine functions. Stands on preempt. */
#ifndef MOONWHEEL_BRIDGE_COROUTINES_H
#define MOONWHEEL_BRIDGE_COROUTINES_H

#include "state.h"

void mw_open_coroutines(lua_State *L); /* raises; stack: +table */
int mw_pcall(lua_State *L);            /* raises; stack: fn, args */
int mw_xpcall(lua_State *L);           /* raises; stack: fn, handler, args */

#endif
