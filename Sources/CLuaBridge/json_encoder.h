/* The state of the writer of JSON, and its strings, errors and objects. Stands on json_encode.h, key_order, long_calls and
 * pieces. */
#ifndef MOONWHEEL_BRIDGE_JSON_ENCODER_H
#define MOONWHEEL_BRIDGE_JSON_ENCODER_H

#include "json_encode.h"
#include "key_order.h"
#include "long_calls.h"
#include "pieces.h"

enum { MW_DEEPEST_JSON = 128, MW_FEW_KEYS = 32 };

typedef enum {
  MW_IN_ORDER,   /* an array, whose elements lua_next has given in order so far. stack: table, key */
  MW_COUNTING,   /* all keys are looked at, since one is not what was expected. stack: table, key */
  MW_BY_INDEX,   /* an array: it has as many keys as elements. stack: table */
  MW_COLLECTING, /* an object: its keys go to the stack while there are few. stack: table, key, value, ..., key */
  MW_FEW,        /* an object of few keys, sorted. stack: table, key, value, ... */
  MW_LISTING,    /* an object of many keys, which go to a list. stack: table, list, key */
  MW_SORTING,    /* stack: table, list, mw_sort_key[] */
  MW_MANY,       /* an object of many keys, sorted. stack: table, list, mw_sort_key[] */
} mw_json_kind;

typedef struct {
  int base;      /* where the table is */
  int top;       /* what of the stack is the level's between two elements */
  int key;       /* where the key of the current member is, for messages */
  mw_json_kind kind;
  uint32_t count; /* of all elements or members, as far as known */
  uint32_t at;    /* those that are written */
  bool is_object, has_texts; /* in MW_COUNTING: began as an object; has keys that are texts */
  int other_type; /* in MW_COUNTING: the highest type of its keys that are neither texts nor integers */
  const void *identity;
} mw_json_frame;

typedef struct {
  mw_json_writing how;
  size_t most;         /* bytes of text */
  int64_t left;        /* of the step, in bytes of text or as much work */
  const uint8_t *string, *string_at, *string_end; /* the string that is written, or NULL; its value stays on the stack */
  bool is_key;
  int depth;
  mw_key_sort sort;
  mw_json_frame frames[MW_DEEPEST_JSON];
  uint8_t order[MW_DEEPEST_JSON][MW_FEW_KEYS]; /* of the members of MW_FEW */
  mw_pieces pieces;
} mw_encoder;

enum { MW_ENCODE_VALUE = 1, MW_ENCODE_KEPT, MW_ENCODE_PIECES };

/* Raises an error about the current element. */
void mw_json_refuse(lua_State *L, const mw_encoder *e, const char *why); /* raises always */

/* Begins a string, and writes as much as the step allows; `string` is NULL when it is written. */
void mw_write_string(lua_State *L, mw_encoder *e, int index); /* raises */
void mw_go_on_writing(lua_State *L, mw_encoder *e);           /* raises */

/* Begins to look at all keys of the table, from which follows how to go on, or which error to raise: the same one in
 * whatever order the keys come. */
void mw_count_keys(lua_State *L, mw_json_frame *f);

/* Takes the keys of an object until the step ends; the kind of the frame is MW_FEW or MW_MANY when all are sorted. */
void mw_collect_keys(lua_State *L, mw_encoder *e, mw_json_frame *f); /* raises */
void mw_list_keys(lua_State *L, mw_encoder *e, mw_json_frame *f);    /* raises */
void mw_sort_keys(lua_State *L, mw_encoder *e, mw_json_frame *f);    /* raises */

#endif
