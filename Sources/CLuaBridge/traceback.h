/* Where a script is: positions and tracebacks. Stands on buffer. */
#ifndef MOONWHEEL_BRIDGE_TRACEBACK_H
#define MOONWHEEL_BRIDGE_TRACEBACK_H

#include "state.h"

/* Source of the preludes. No position or traceback names frames of this source. */
#define MW_PRELUDE_SOURCE "=moonwheel"

/* Whether the C function that runs was called by the prelude, or by a chunk of this name. */
bool mw_may_name_chunk(lua_State *L, const char *name);
void mw_where(lua_State *L); /* raises; stack: +"script:line: " of the innermost frame that is the script's */

/* Appends about 30 frames at most, from level `first` on. */
void mw_append_traceback(lua_State *L, int first, mw_buffer *into);
/* Writes the whole chain's traceback to isolate->traceback, innermost state first. */
void mw_capture_chain(mw_isolate *isolate);
/* For mw_heap.on_refusal: notes whether endless recursion used up the memory. */
void mw_record_refusal(mw_isolate *isolate, bool is_new);

int mw_message_handler(lua_State *L); /* stack: error */
int mw_traceback(lua_State *L);       /* raises; stack: message; returns what `debug.traceback` would */

#endif
