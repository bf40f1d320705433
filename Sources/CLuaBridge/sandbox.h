/* The globals of scripts. Stands on coroutines, hash, json, marks, preempt, simulated and traceback. */
#ifndef MOONWHEEL_BRIDGE_SANDBOX_H
#define MOONWHEEL_BRIDGE_SANDBOX_H

#include "state.h"

void mw_open_sandbox(lua_State *L); /* raises */

#endif
