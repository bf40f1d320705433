/* Sorts texts by their bytes, in steps. Stands on state. */
#ifndef MOONWHEEL_BRIDGE_KEY_ORDER_H
#define MOONWHEEL_BRIDGE_KEY_ORDER_H

#include "state.h"

typedef struct {
  const char *text;
  uint32_t length;
  uint32_t place; /* the caller's */
} mw_sort_key;

static inline int mw_compare_keys(const mw_sort_key *a, const mw_sort_key *b) {
  int order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
  return order ? order : a->length < b->length ? -1 : a->length > b->length;
}

/* For few keys. */
void mw_sort_few(mw_sort_key *keys, size_t count);

/* A merge sort from below: runs of `width` keys are sorted, and pairs of them are merged from one half of the space into
 * the other. */
typedef struct {
  uint32_t count, width;
  uint32_t left, right, at; /* of the merge under way; `from` is its first key */
  uint32_t from;
  bool is_swapped; /* the keys are in the second half */
} mw_key_sort;

static inline mw_key_sort mw_begin_sort(uint32_t count) { return (mw_key_sort){.count = count, .width = 1, .right = 1}; }

/* Makes at most so many moves. `space` has room for twice the keys. True when they are sorted. */
bool mw_go_on_sorting(mw_key_sort *sort, mw_sort_key *space, uint32_t moves);

#endif
