/* Reads JSON. Stands on json_numbers, json_text, long_calls, marks, pieces and traceback. */
#ifndef MOONWHEEL_BRIDGE_JSON_DECODE_H
#define MOONWHEEL_BRIDGE_JSON_DECODE_H

#include "state.h"

enum { MW_JSON_DEPTH = 128 };

typedef struct {
  int keeps_nulls;  /* members of objects that are null are json.null instead of absent */
  int big;          /* an index of mw_json_big */
  int replaces;     /* U+FFFD for what is not UTF-8, and no error for a byte order mark */
  int refuses_same; /* an error for a key that is there twice */
  int raises;       /* a wrong text raises its error */
} mw_json_reading;

enum { MW_BIG_FLOAT, MW_BIG_STRING, MW_BIG_ERROR };

/* Indices of the stack: the text, three that are kept free, and the first of the values. A function that calls mw_json_read
 * has nothing above. */
enum { MW_JSON_TEXT = 1, MW_JSON_OPTIONS, MW_JSON_KEPT, MW_JSON_PIECES, MW_JSON_VALUES };

/* Reads the text from a place to an end, which is that of the string, or a newline there. Returns the value; or nil, a
 * message and "json"; or raises. May yield. */
int mw_json_read(lua_State *L, const mw_json_reading *how, size_t from, size_t to); /* raises */

#endif
