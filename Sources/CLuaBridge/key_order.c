#include "key_order.h"

void mw_sort_few(mw_sort_key *keys, size_t count) {
  for (size_t i = 1; i < count; i++) {
    mw_sort_key key = keys[i];
    size_t at = i;
    for (; at > 0 && mw_compare_keys(&keys[at - 1], &key) > 0; at--) keys[at] = keys[at - 1];
    keys[at] = key;
  }
}

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

bool mw_go_on_sorting(mw_key_sort *sort, mw_sort_key *space, uint32_t moves) {
  while (sort->width < sort->count) {
    const mw_sort_key *source = space + (sort->is_swapped ? sort->count : 0);
    mw_sort_key *target = space + (sort->is_swapped ? 0 : sort->count);
    while (sort->from < sort->count) {
      uint32_t middle = least(sort->from + sort->width, sort->count), end = least(middle + sort->width, sort->count);
      for (; sort->at < end; moves--) {
        if (moves == 0) return false;
        bool takes_left = sort->left < middle &&
                          (sort->right >= end || mw_compare_keys(&source[sort->left], &source[sort->right]) <= 0);
        target[sort->at++] = source[takes_left ? sort->left++ : sort->right++];
      }
      sort->from = sort->left = sort->at = end;
      sort->right = least(end + sort->width, sort->count);
    }
    sort->width *= 2;
    sort->from = sort->left = sort->at = 0;
    sort->right = least(sort->width, sort->count);
    sort->is_swapped = !sort->is_swapped;
  }
  return true;
}
