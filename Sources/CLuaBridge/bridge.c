#include "CLuaBridge.h"
#include <lua5.4/lauxlib.h>
int mw_lua_version(void){ lua_State *L = luaL_newstate(); int v = (int)lua_version(L); lua_close(L); return v; }
