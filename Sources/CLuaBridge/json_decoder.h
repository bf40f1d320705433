/* The state of the reader of JSON, and its errors and strings. Stands on json_decode.h, json_text, pieces and traceback. */
#ifndef MOONWHEEL_BRIDGE_JSON_DECODER_H
#define MOONWHEEL_BRIDGE_JSON_DECODER_H

#include "json_decode.h"
#include "long_calls.h"
#include "pieces.h"

typedef struct {
  int base;          /* where the table is, or will be */
  int pending;       /* values behind it */
  lua_Integer count; /* elements in the table */
  bool is_object, has_table;
  bool has_nulls; /* json.null stands for members that must not be there in the end */
} mw_json_level;

typedef enum {
  MW_AT_VALUE, MW_AT_FIRST, MW_IN_STRING, MW_AFTER_STRING, MW_AFTER_VALUE, MW_AT_KEY, MW_AT_COLON, MW_AT_END, MW_READ, MW_WRONG,
} mw_json_state;

typedef struct {
  mw_json_reading how;
  const uint8_t *text, *end;
  const uint8_t *at;
  const uint8_t *step_start;
  mw_json_state state;
  bool is_key;             /* of the string that is read */
  bool is_copied;          /* its beginning is in `pieces` */
  const uint8_t *string;   /* where its quote is */
  const uint8_t *not_copied;
  int depth;
  mw_json_level levels[MW_JSON_DEPTH];
  mw_pieces pieces;
} mw_decoder;

/* Ends the reading with a message about a place, or with one that says what was expected there. */
void mw_json_fail(lua_State *L, mw_decoder *d, const uint8_t *place, const char *message); /* raises; stack: +message */
void mw_json_expected(lua_State *L, mw_decoder *d, const uint8_t *place, const char *what); /* raises; stack: +message */

/* Begins the string whose quote is next. */
void mw_begin_string(mw_decoder *d, bool is_key);
/* Goes on until the string or the step ends; pushes the string at its end. */
void mw_read_string(lua_State *L, mw_decoder *d); /* raises */

#endif
