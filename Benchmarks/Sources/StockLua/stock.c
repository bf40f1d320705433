#include "StockLua.h"

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
#include <stdio.h>
#include <time.h>

static lua_State *state(stock_lua *stock) { return (lua_State *)stock; }

static int64_t processor_time(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

stock_lua *stock_lua_create(const char *text) {
  lua_State *L = luaL_newstate();
  if (!L) return NULL;
  luaL_openlibs(L);
  if (luaL_dostring(L, text) != LUA_OK) {
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    lua_close(L);
    return NULL;
  }
  return (stock_lua *)L;
}

void stock_lua_destroy(stock_lua *stock) { lua_close(state(stock)); }

int64_t stock_lua_time(stock_lua *stock, int64_t size) {
  lua_State *L = state(stock);
  lua_gc(L, LUA_GCCOLLECT);
  int64_t start = processor_time();
  lua_getglobal(L, "program");
  lua_pushinteger(L, size);
  int status = lua_pcall(L, 1, 0, 0);
  int64_t end = processor_time();
  if (status == LUA_OK) return end - start;
  fprintf(stderr, "%s\n", lua_tostring(L, -1));
  lua_pop(L, 1);
  return -1;
}
