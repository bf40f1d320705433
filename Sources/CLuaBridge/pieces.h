/* A text that is made piece by piece. Full pieces are Lua strings in a list, so that Lua knows their memory, and frees it
 * when an error is raised. Stands on state. */
#ifndef MOONWHEEL_BRIDGE_PIECES_H
#define MOONWHEEL_BRIDGE_PIECES_H

#include "state.h"

enum { MW_PIECE = 16 << 10 };

typedef struct {
  size_t count;     /* of bytes */
  size_t total;     /* bytes of the full pieces */
  lua_Integer full; /* how many there are */
  int list;         /* index of the stack that is kept free for the list */
  uint8_t bytes[MW_PIECE];
} mw_pieces;

/* The bytes of the last piece are not set. */
static inline void mw_begin_pieces(mw_pieces *pieces, int list) {
  pieces->count = pieces->total = 0;
  pieces->full = 0;
  pieces->list = list;
}

static inline size_t mw_pieces_length(const mw_pieces *pieces) { return pieces->total + pieces->count; }

void mw_end_piece(lua_State *L, mw_pieces *pieces); /* raises */
void mw_put_long(lua_State *L, mw_pieces *pieces, const void *bytes, size_t count); /* raises */

static inline void mw_put(lua_State *L, mw_pieces *pieces, const void *bytes, size_t count) { /* raises */
  if (count > MW_PIECE - pieces->count) {
    mw_put_long(L, pieces, bytes, count);
    return;
  }
  memcpy(pieces->bytes + pieces->count, bytes, count);
  pieces->count += count;
}

static inline void mw_put_byte(lua_State *L, mw_pieces *pieces, uint8_t byte) { /* raises */
  if (pieces->count == MW_PIECE) mw_end_piece(L, pieces);
  pieces->bytes[pieces->count++] = byte;
}

/* Room for at most MW_PIECE bytes in a row, which the caller writes at the place that is returned, and then counts. */
static inline uint8_t *mw_room(lua_State *L, mw_pieces *pieces, size_t count) { /* raises */
  if (count > MW_PIECE - pieces->count) mw_end_piece(L, pieces);
  return pieces->bytes + pieces->count;
}

/* Pushes the text, and begins a new one. */
void mw_push_pieces(lua_State *L, mw_pieces *pieces); /* raises; stack: +text */

#endif
