/* Writes JSON. Stands on json_numbers, json_path, json_text, key_order, long_calls, marks, pieces and traceback. */
#ifndef MOONWHEEL_BRIDGE_JSON_ENCODE_H
#define MOONWHEEL_BRIDGE_JSON_ENCODE_H

#include "state.h"

typedef struct {
  int is_pretty; /* with line breaks, and two spaces for each level */
  int replaces;  /* U+FFFD for what is not UTF-8 */
} mw_json_writing;

/* Writes the value at index 1 of the stack, which has two more. Returns the text, or raises. May yield. */
int mw_json_write(lua_State *L, const mw_json_writing *how, size_t most); /* raises; stack: value, any, any */

#endif
