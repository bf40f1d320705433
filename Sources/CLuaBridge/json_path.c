#include "json_path.h"

#include "json_text.h"

enum { LONGEST_KEY = 60 };

static bool is_letter(char c) { return ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_'; }

static bool is_name(const char *key, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (!is_letter(key[i]) && (i == 0 || key[i] < '0' || key[i] > '9')) return false;
  return length > 0;
}

static bool is_printable(const char *key, size_t length) {
  const uint8_t *at = (const uint8_t *)key, *end = at + length;
  while ((at = mw_skip_ordinary(at, end)) < end) {
    size_t wrong, sequence = *at < 0x80 ? 0 : mw_utf8_length(at, end, &wrong);
    if (!sequence) return false;
    at += sequence;
  }
  return true;
}

void mw_push_key_path(lua_State *L, int key, bool is_first) {
  size_t length;
  const char *text = lua_tolstring(L, key, &length);
  luaL_checkstack(L, 2, "a path");
  if (length > LONGEST_KEY || !is_printable(text, length)) lua_pushliteral(L, "[\"...\"]");
  else if (is_name(text, length)) lua_pushfstring(L, is_first ? "%s" : ".%s", text);
  else lua_pushfstring(L, "[\"%s\"]", text);
}
