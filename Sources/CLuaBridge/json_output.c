/* Strings that are written as JSON, and the errors of the writer. */
#include "json_encoder.h"
#include "json_path.h"
#include "json_text.h"
#include "traceback.h"

/* The path of the current element. stack: +text */
static void push_path(lua_State *L, const mw_encoder *e) {
  lua_pushliteral(L, "");
  for (int i = 0; i < e->depth; i++) {
    const mw_json_frame *f = &e->frames[i];
    if (f->key) mw_push_key_path(L, f->key, i == 0);
    else if (f->kind == MW_IN_ORDER || f->kind == MW_BY_INDEX) lua_pushfstring(L, "[%I]", (LUAI_UACINT)f->at);
    else break;
    lua_concat(L, 2);
  }
}

void mw_json_refuse(lua_State *L, const mw_encoder *e, const char *why) {
  luaL_checkstack(L, 8, "an error");
  mw_where(L);
  push_path(L, e);
  bool is_part = lua_rawlen(L, -1) > 0;
  if (!is_part) {
    lua_pop(L, 1);
    lua_pushliteral(L, "json.encode");
  }
  lua_pushfstring(L, ": %s", why);
  lua_concat(L, 3);
  lua_error(L);
}

void mw_write_string(lua_State *L, mw_encoder *e, int index) {
  size_t length;
  e->string = e->string_at = (const uint8_t *)lua_tolstring(L, index, &length);
  e->string_end = e->string + length;
  mw_put_byte(L, &e->pieces, '"');
  mw_go_on_writing(L, e);
}

static void write_escape(lua_State *L, mw_encoder *e, uint8_t byte) {
  static const char hexadecimal[] = "0123456789abcdef", special[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
  uint8_t *at = mw_room(L, &e->pieces, 6);
  const char *found = byte ? strchr(special, byte) : NULL;
  at[0] = '\\';
  if (found) {
    at[1] = (uint8_t)letters[found - special];
  } else {
    memcpy(at + 1, "u00", 3);
    at[4] = (uint8_t)hexadecimal[byte >> 4];
    at[5] = (uint8_t)hexadecimal[byte & 15];
  }
  e->pieces.count += found ? 2 : 6;
}

static void write_sequence(lua_State *L, mw_encoder *e) {
  size_t wrong, length = mw_utf8_length(e->string_at, e->string_end, &wrong);
  if (length) {
    mw_put(L, &e->pieces, e->string_at, length);
    e->string_at += length;
  } else if (e->how.replaces) {
    mw_put(L, &e->pieces, MW_REPLACEMENT, 3);
    e->string_at += wrong;
  } else {
    lua_pushfstring(L, "%s is not UTF-8 at byte %I: use hash.base64, or utf8 = \"replace\"",
                    e->is_key ? "the key" : "the text", (LUAI_UACINT)(e->string_at - e->string + 1));
    mw_json_refuse(L, e, lua_tostring(L, -1));
  }
}

void mw_go_on_writing(lua_State *L, mw_encoder *e) {
  size_t before = mw_pieces_length(&e->pieces);
  const uint8_t *stop = e->string_end - e->string_at > MW_STEP_BYTES ? e->string_at + MW_STEP_BYTES : e->string_end;
  while (e->string_at < stop) {
    const uint8_t *next = mw_skip_ordinary(e->string_at, stop);
    mw_put(L, &e->pieces, e->string_at, (size_t)(next - e->string_at));
    e->string_at = next;
    if (next == stop) break;
    if (*next < 0x80) {
      write_escape(L, e, *next);
      e->string_at++;
    } else {
      write_sequence(L, e);
    }
  }
  if (e->string_at >= e->string_end) {
    mw_put_byte(L, &e->pieces, '"');
    e->string = NULL;
  }
  e->left -= (int64_t)(mw_pieces_length(&e->pieces) - before);
}
