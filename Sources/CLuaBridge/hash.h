/* The library `hash`. Stands on base64, digest, long_calls, options, pieces and random. */
#ifndef MOONWHEEL_BRIDGE_HASH_H
#define MOONWHEEL_BRIDGE_HASH_H

#include "state.h"

void mw_open_hash(lua_State *L); /* raises; stack: +library */
/* Gives the prelude `seed_random`. */
void mw_open_random_seed(lua_State *L); /* raises; stack: table of host functions */

#endif
