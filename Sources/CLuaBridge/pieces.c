#include "pieces.h"

void mw_end_piece(lua_State *L, mw_pieces *pieces) {
  if (pieces->count == 0) return;
  luaL_checkstack(L, 2, "a long text");
  if (!pieces->full) {
    lua_newtable(L);
    lua_replace(L, pieces->list);
  }
  lua_pushlstring(L, (const char *)pieces->bytes, pieces->count);
  lua_rawseti(L, pieces->list, ++pieces->full);
  pieces->total += pieces->count;
  pieces->count = 0;
}

void mw_put_long(lua_State *L, mw_pieces *pieces, const void *bytes, size_t count) {
  for (const uint8_t *at = bytes; count > 0;) {
    if (pieces->count == MW_PIECE) mw_end_piece(L, pieces);
    size_t room = MW_PIECE - pieces->count, part = count < room ? count : room;
    memcpy(pieces->bytes + pieces->count, at, part);
    pieces->count += part;
    at += part;
    count -= part;
  }
}

void mw_push_pieces(lua_State *L, mw_pieces *pieces) {
  if (!pieces->full) {
    luaL_checkstack(L, 1, "a text");
    lua_pushlstring(L, (const char *)pieces->bytes, pieces->count);
  } else {
    mw_end_piece(L, pieces);
    luaL_checkstack(L, (int)pieces->full, "a long text");
    for (lua_Integer i = 1; i <= pieces->full; i++) lua_rawgeti(L, pieces->list, i);
    lua_concat(L, (int)pieces->full);
    lua_pushnil(L);
    lua_replace(L, pieces->list);
  }
  mw_begin_pieces(pieces, pieces->list);
}
