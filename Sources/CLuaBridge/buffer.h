/* Byte buffers outside the Lua heap. Stands on account. */
#ifndef MOONWHEEL_BRIDGE_BUFFER_H
#define MOONWHEEL_BRIDGE_BUFFER_H

#include "state.h"

/* Makes room for `count` more bytes. False without memory; the buffer is then unchanged. */
bool mw_buffer_grow(mw_isolate *isolate, mw_buffer *buffer, size_t count);

/* False without memory; the buffer is then unchanged. Inline: the codec calls it for each tag and each number. */
static inline bool mw_buffer_append(mw_isolate *isolate, mw_buffer *buffer, const void *bytes, size_t count) {
  if (count > buffer->capacity - buffer->count && !mw_buffer_grow(isolate, buffer, count)) return false;
  if (count) memcpy(buffer->start + buffer->count, bytes, count);
  buffer->count += count;
  return true;
}

void mw_buffer_append_text(mw_isolate *isolate, mw_buffer *buffer, const char *text);
void mw_buffer_free(mw_buffer *buffer);

/* Gives the storage of a large message back; the buffer is then empty. Keeps a small one. */
void mw_buffer_trim(mw_isolate *isolate, mw_buffer *buffer);

static inline mw_bytes mw_buffer_bytes(const mw_buffer *buffer) { return (mw_bytes){buffer->start, buffer->count}; }

#endif
