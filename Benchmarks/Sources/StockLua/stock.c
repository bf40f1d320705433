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

int64_t stock_lua_resumes(int64_t count) {
  lua_State *L = luaL_newstate();
  if (!L || luaL_loadstring(L, "return function() end") != LUA_OK || lua_pcall(L, 0, 1, 0) != LUA_OK) return -1;
  lua_State *coroutine = lua_newthread(L);
  int status = LUA_OK;
  int64_t start = processor_time();
  for (int64_t left = count; left > 0 && status == LUA_OK; left--) {
    int results;
    lua_pushvalue(L, 1);
    lua_xmove(L, coroutine, 1);
    status = lua_resume(coroutine, L, 0, &results);
    lua_settop(coroutine, 0);
  }
  int64_t end = processor_time();
  lua_close(L);
  return status == LUA_OK ? end - start : -1;
}
