/* Answers repeated registrations without a call of the host. Stands on callbacks, objects and traceback. */
#ifndef MOONWHEEL_BRIDGE_BULK_REGISTRATION_H
#define MOONWHEEL_BRIDGE_BULK_REGISTRATION_H

#include "state.h"

/* Whether the bridge may answer the current call, of this host function: see mw_expect_bulk_registration. */
bool mw_is_bulk_registration(lua_State *L, mw_isolate *isolate, uint32_t function);
/* Answers the current call. */
int mw_add_bulk_registration(lua_State *L, mw_isolate *isolate); /* raises; stack: two texts, function; +handle */

#endif
