#include "buffer.h"

#include <stdlib.h>

bool mw_buffer_append(mw_isolate *isolate, mw_buffer *buffer, const void *bytes, size_t count) {
  if (count > buffer->capacity - buffer->count) {
    size_t capacity = buffer->capacity ? buffer->capacity : 256;
    while (capacity - buffer->count < count) capacity *= 2;
    mw_enter_critical(isolate);
    uint8_t *moved = realloc(buffer->start, capacity);
    if (moved) {
      buffer->start = moved;
      buffer->capacity = capacity;
    }
    mw_leave_critical(isolate);
    if (!moved) return false;
  }
  if (count) memcpy(buffer->start + buffer->count, bytes, count);
  buffer->count += count;
  return true;
}

void mw_buffer_append_text(mw_isolate *isolate, mw_buffer *buffer, const char *text) {
  mw_buffer_append(isolate, buffer, text, strlen(text));
}

void mw_buffer_free(mw_buffer *buffer) {
  free(buffer->start);
  memset(buffer, 0, sizeof *buffer);
}
