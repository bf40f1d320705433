/* A mark is the metatable of a table, told by its identity, so no key of a table can pass for one. It has no metamethods,
 * and no name, so a marked table is shown as any other. */
#include "marks.h"

static int null_text(lua_State *L) {
  lua_pushliteral(L, "null");
  return 1;
}

static void hide(lua_State *L) { /* stack: metatable */
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
}

static int new_mark(lua_State *L, const void **identity) {
  lua_createtable(L, 0, 1);
  hide(L);
  *identity = lua_topointer(L, -1);
  return luaL_ref(L, LUA_REGISTRYINDEX);
}

void mw_open_marks(lua_State *L) {
  mw_isolate *isolate = mw_of(L);
  isolate->array_metatable = new_mark(L, &isolate->array_mark);
  isolate->object_metatable = new_mark(L, &isolate->object_mark);
  isolate->null = lua_newuserdatauv(L, 1, 0);
  lua_createtable(L, 0, 3);
  lua_pushcfunction(L, null_text);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "null"); /* attempt to index a null value */
  lua_setfield(L, -2, "__name");
  hide(L);
  lua_setmetatable(L, -2);
  isolate->null_reference = luaL_ref(L, LUA_REGISTRYINDEX);
}

void mw_push_null(lua_State *L) { lua_rawgeti(L, LUA_REGISTRYINDEX, mw_of(L)->null_reference); }

void mw_mark(lua_State *L, int index, mw_table_mark mark) {
  const mw_isolate *isolate = mw_of(L);
  index = lua_absindex(L, index);
  lua_rawgeti(L, LUA_REGISTRYINDEX, mark == MW_ARRAY ? isolate->array_metatable : isolate->object_metatable);
  lua_setmetatable(L, index);
}

mw_table_mark mw_mark_of(lua_State *L, int index) {
  const mw_isolate *isolate = mw_of(L);
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return MW_UNMARKED;
  const void *metatable = lua_topointer(L, -1);
  lua_pop(L, 1);
  return metatable == isolate->array_mark ? MW_ARRAY : metatable == isolate->object_mark ? MW_OBJECT : MW_UNMARKED;
}
