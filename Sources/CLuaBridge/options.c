#include "options.h"

#include "traceback.h"

int mw_raise(lua_State *L) {
  mw_where(L);
  lua_insert(L, -2);
  lua_concat(L, 2);
  return lua_error(L);
}

int mw_refuse_argument(lua_State *L, int index, const char *function, const char *what) {
  int type = lua_type(L, index);
  const char *name = type == LUA_TNONE || type == LUA_TNIL ? "nil" : luaL_typename(L, index);
  lua_pushfstring(L, type == LUA_TNONE || type == LUA_TNIL ? "%s takes %s, not %s" : "%s takes %s, not a %s", function,
                  what, name);
  return mw_raise(L);
}

const char *mw_text_argument(lua_State *L, int index, const char *function, const char *what, size_t *length) {
  if (lua_type(L, index) != LUA_TSTRING) mw_refuse_argument(L, index, function, what);
  return lua_tolstring(L, index, length);
}

/* stack: +text */
static void list_options(lua_State *L, const mw_option *options) {
  lua_pushliteral(L, "");
  for (; options->name; options++) {
    lua_pushfstring(L, options[1].name ? "%s, " : "%s", options->name);
    lua_concat(L, 2);
  }
}

static void read_choice(lua_State *L, const char *function, const mw_option *option) { /* raises; stack: value */
  if (!option->choices) {
    if (!lua_isboolean(L, -1)) {
      lua_pushfstring(L, "%s: the option \"%s\" must be true or false", function, option->name);
      mw_raise(L);
    }
    *option->value = lua_toboolean(L, -1);
    return;
  }
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
  for (int i = 0; option->choices[i]; i++) {
    if (strcmp(option->choices[i], text) != 0) continue;
    *option->value = i;
    return;
  }
  lua_pushfstring(L, "%s: the option \"%s\" must be ", function, option->name);
  for (int i = 0; option->choices[i]; i++) {
    lua_pushfstring(L, i == 0 ? "\"%s\"" : option->choices[i + 1] ? ", \"%s\"" : " or \"%s\"", option->choices[i]);
    lua_concat(L, 2);
  }
  mw_raise(L);
}

/* The first unknown key by its bytes, whatever the order of the table; keys that are no texts come last. */
static void refuse_unknown(lua_State *L, int index, const char *function, const mw_option *options) { /* raises */
  const char *first = NULL;
  bool has_other = false;
  for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
    const mw_option *option = options;
    while (key && option->name && strcmp(option->name, key) != 0) option++;
    if (!key) has_other = true;
    else if (!option->name && (!first || strcmp(key, first) < 0)) first = key;
  }
  if (!first && !has_other) return;
  list_options(L, options);
  if (first && strlen(first) <= 60)
    lua_pushfstring(L, "%s has no option \"%s\"; there are %s", function, first, lua_tostring(L, -1));
  else lua_pushfstring(L, "the options of %s have names; there are %s", function, lua_tostring(L, -1));
  mw_raise(L);
}

void mw_read_options(lua_State *L, int index, const char *function, const mw_option *options) {
  if (lua_isnoneornil(L, index)) return;
  if (!lua_istable(L, index)) mw_refuse_argument(L, index, function, "a table of options");
  refuse_unknown(L, index, function, options);
  for (; options->name; options++) {
    lua_pushstring(L, options->name);
    if (lua_rawget(L, index) != LUA_TNIL) read_choice(L, function, options);
    lua_pop(L, 1);
  }
}
