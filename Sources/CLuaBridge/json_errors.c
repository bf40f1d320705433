/* The errors of the reader of JSON: what is wrong, at which byte, line and column, and in which part of the value. */
#include "json_decoder.h"
#include "json_path.h"
#include "traceback.h"

/* Where the error is, as in `items[3].name`. stack: text -> text */
static void add_path(lua_State *L, const mw_decoder *d) {
  for (int i = 0; i < d->depth; i++) {
    const mw_json_level *l = &d->levels[i];
    if (l->is_object) {
      if (l->pending % 2 == 0) break;
      mw_push_key_path(L, l->base + l->pending, i == 0);
    } else {
      bool is_inside = i + 1 < d->depth || d->state != MW_AFTER_VALUE;
      lua_pushfstring(L, "[%I]", (LUAI_UACINT)(l->count + l->pending + is_inside));
    }
    if (i == 0) {
      lua_pushliteral(L, " in ");
      lua_insert(L, -2);
      lua_concat(L, 2);
    }
    lua_concat(L, 2);
  }
}

/* Ends the reading with a message about a place. stack: message -> message */
static void fail(lua_State *L, mw_decoder *d, const uint8_t *place) {
  lua_Integer line = 1, column = 1;
  for (const uint8_t *at = d->text; at < place; at++) {
    if (*at == '\n') {
      line++;
      column = 1;
    } else {
      column += (*at & 0xc0) != 0x80;
    }
  }
  luaL_checkstack(L, 8, "an error");
  lua_pushfstring(L, " at byte %I (%I:%I)", (LUAI_UACINT)(place - d->text + 1), (LUAI_UACINT)line,
                  (LUAI_UACINT)column);
  lua_concat(L, 2);
  add_path(L, d);
  d->state = MW_WRONG;
}

void mw_json_fail(lua_State *L, mw_decoder *d, const uint8_t *place, const char *message) {
  lua_pushstring(L, message);
  fail(L, d, place);
}

void mw_json_expected(lua_State *L, mw_decoder *d, const uint8_t *place, const char *what) {
  if (place >= d->end) lua_pushfstring(L, "expected %s, not the end", what);
  else if (*place > 0x20 && *place < 0x7f) lua_pushfstring(L, "expected %s, not \"%c\"", what, *place);
  else {
    static const char digits[] = "0123456789abcdef";
    lua_pushfstring(L, "expected %s, not byte 0x%c%c", what, digits[*place >> 4], digits[*place & 15]);
  }
  fail(L, d, place);
}

