/* Names of parts of a value in messages, as in `items[3].name`. Stands on json_text. */
#ifndef MOONWHEEL_BRIDGE_JSON_PATH_H
#define MOONWHEEL_BRIDGE_JSON_PATH_H

#include "state.h"

/* The text of a key, which is a string: `.name`, or `name` at the beginning of a path, or `["some text"]`. */
void mw_push_key_path(lua_State *L, int key, bool is_first); /* raises; stack: +text */

#endif
