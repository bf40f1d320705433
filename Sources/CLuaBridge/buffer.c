#include "buffer.h"

#include <stdlib.h>

#include "account.h"

enum { SHORT = 4096 };

bool mw_buffer_grow(mw_isolate *isolate, mw_buffer *buffer, size_t count) {
  size_t capacity = buffer->capacity ? buffer->capacity : 256;
  while (capacity - buffer->count < count) capacity *= 2;
  mw_enter_critical(isolate);
  size_t more = capacity - buffer->capacity;
  /* A short text has room in any case, so that errors can be told. */
  if (!mw_account_reserve(isolate->heap.account, more, capacity <= SHORT)) {
    mw_leave_critical(isolate);
    return false;
  }
  uint8_t *moved = realloc(buffer->start, capacity);
  if (moved) {
    buffer->start = moved;
    buffer->capacity = capacity;
    isolate->buffered += more;
  } else {
    mw_account_unreserve(isolate->heap.account, more);
  }
  mw_leave_critical(isolate);
  return moved != NULL;
}

void mw_buffer_append_text(mw_isolate *isolate, mw_buffer *buffer, const char *text) {
  mw_buffer_append(isolate, buffer, text, strlen(text));
}

enum { KEPT = 2 << 20 };

void mw_buffer_trim(mw_isolate *isolate, mw_buffer *buffer) {
  buffer->count = 0;
  if (buffer->capacity <= KEPT) return;
  mw_enter_critical(isolate);
  mw_account_unreserve(isolate->heap.account, buffer->capacity);
  isolate->buffered -= buffer->capacity;
  mw_buffer_free(buffer);
  mw_leave_critical(isolate);
}

void mw_buffer_free(mw_buffer *buffer) {
  free(buffer->start);
  memset(buffer, 0, sizeof *buffer);
}
