/* The library `json`. Stands on json_decode, json_encode, json_numbers, long_calls, marks and options. */
#ifndef MOONWHEEL_BRIDGE_JSON_H
#define MOONWHEEL_BRIDGE_JSON_H

#include "state.h"

void mw_open_json(lua_State *L); /* raises; stack: +library */

#endif
