/* What the globals of a script hold, for a host that looks for names that do not exist. */
#include "buffer.h"
#include "guard.h"

enum { MAX_KEY = 100, MAX_KEYS = 1 << 20 };

typedef struct {
  mw_isolate *isolate;
  const char *table, *key;
} lookup;

/* Pushes the table of a lookup, or nil. */
static void push_table(lua_State *L, const char *table) { /* raises; stack: +table */
  lua_pushglobaltable(L);
  if (!table) return;
  lua_pushstring(L, table);
  lua_rawget(L, -2);
  lua_remove(L, -2);
}

static int list_keys(lua_State *L) { /* raises; stack: lookup */
  const lookup *lookup = lua_touserdata(L, 1);
  mw_buffer *keys = &lookup->isolate->result;
  push_table(L, lookup->table);
  if (!lua_istable(L, 2)) return 0;
  lua_pushnil(L);
  while (lua_next(L, 2)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING) continue;
    size_t length;
    const char *key = lua_tolstring(L, -1, &length);
    if (length > MAX_KEY || memchr(key, '\n', length)) continue;
    if (keys->count + length >= MAX_KEYS) return luaL_error(L, "too many keys");
    mw_buffer_append(lookup->isolate, keys, key, length);
    mw_buffer_append(lookup->isolate, keys, "\n", 1);
  }
  return 0;
}

static int read_field(lua_State *L) { /* raises; stack: lookup */
  const lookup *lookup = lua_touserdata(L, 1);
  push_table(L, lookup->table);
  lua_getfield(L, 2, lookup->key);
  return 0;
}

static void list_keys_guarded(mw_isolate *isolate, void *lookup) {
  lua_State *L = isolate->main;
  lua_pushcfunction(L, list_keys);
  lua_pushlightuserdata(L, lookup);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) isolate->result.count = 0;
  lua_settop(L, 0);
}

static void read_field_guarded(mw_isolate *isolate, void *lookup) {
  lua_State *L = isolate->main;
  lua_pushcfunction(L, read_field);
  lua_pushlightuserdata(L, lookup);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK && lua_type(L, -1) == LUA_TSTRING) {
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    mw_buffer_append(isolate, &isolate->result, text, length);
  }
  lua_settop(L, 0);
}

static mw_bytes look_up(mw_isolate *isolate, lookup lookup, mw_guarded body) {
  isolate->result.count = 0;
  if (isolate->dead || !mw_inspect(isolate, body, &lookup, MW_INSPECTION_TIME)) isolate->result.count = 0;
  return mw_buffer_bytes(&isolate->result);
}

mw_bytes mw_keys(mw_isolate *isolate, const char *table) {
  return look_up(isolate, (lookup){isolate, table, NULL}, list_keys_guarded);
}

mw_bytes mw_error_of_reading(mw_isolate *isolate, const char *table, const char *key) {
  return look_up(isolate, (lookup){isolate, table, key}, read_field_guarded);
}
