/* Values as bytes. Stands on buffer, callbacks, marks, objects and traceback. */
#ifndef MOONWHEEL_BRIDGE_CODEC_H
#define MOONWHEEL_BRIDGE_CODEC_H

#include "state.h"

/* Appends the value at an index to the buffer. Errors name the value: `names` holds names separated by commas, of which
 * it has the one at `position`, from 1. Without `callbacks` a function raises. */
void mw_encode(lua_State *L, mw_buffer *into, int index, const char *names, int position, bool callbacks); /* raises */
/* Pushes all values of a message, and returns their number. */
int mw_decode(lua_State *L, const uint8_t *message, size_t count); /* raises; stack: +values */

#endif
