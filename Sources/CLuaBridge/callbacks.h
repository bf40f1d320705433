/* Lua functions that the host can call, as references in the registry. Stands on buffer. */
#ifndef MOONWHEEL_BRIDGE_CALLBACKS_H
#define MOONWHEEL_BRIDGE_CALLBACKS_H

#include "state.h"

/* Arities are kept up to this number: a batch run has an event and the run as arguments. */
enum { MW_ARITY_UNKNOWN, MW_LARGEST_ARITY = 2 };

/* Makes a callback of the function at an index and adds it to the list; 0 without memory for that. */
mw_callback mw_create_callback(lua_State *L, int index, mw_buffer *list); /* raises */

/* How many of `count` arguments the function at an index can see. */
int mw_arity(lua_State *L, int index, int count); /* raises */
int mw_look_up_arity(lua_State *L, int index, mw_callback callback); /* raises */

/* The arity of a callback, which lies at an index, up to MW_LARGEST_ARITY. Kept, since Lua takes as long to tell it as
 * to execute a short run. */
static inline int mw_callback_arity(lua_State *L, int index, mw_callback callback) { /* raises */
  const mw_isolate *isolate = mw_of(L);
  if ((uint32_t)callback < isolate->arity_count) {
    uint8_t arity = isolate->arities[callback];
    if (arity != MW_ARITY_UNKNOWN) return arity - 1;
  }
  return mw_look_up_arity(L, index, callback);
}

void mw_release_pending_callbacks(mw_isolate *isolate);

#endif
