/* Which Lua is linked, and whether a sandbox can hold on it. Stands on no other file.
 *
 * The version tells which faults it has. As a distribution may patch Lua without another version, a probe is run too: a
 * script whose result a known fault changes. Upstream's commit 42d40581 let luaV_concat use a stack that a `__concat`
 * metamethod had moved, and 603b2c64 corrected that three days later. Debian 12 has the first without the second. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>

#include "include/CLuaBridge.h"

extern const char lua_ident[]; /* "$LuaVersion: Lua 5.4.4  Copyright ..." */

/* Faults that a script's text can trigger, by the last digit of the first version without the fault. */
static const struct {
  int until;
  const char *fault;
} faults[] = {
  {6, "the compiler can overflow the C stack, and `break` may leave a variable unclosed"},
  {8, "a table can be read after it was freed (a weak metatable's __newindex)"},
};

static const char probe[] =
  "local function rec(n) if n == 0 then return 0 end return 1 + rec(n - 1) end\n"
  "local o = setmetatable({}, { __concat = function() rec(2000) return 'r' end })\n"
  "return 'a' .. 'b' .. o == 'ar'";

static int release_of(const char *ident) {
  const char *at = strstr(ident, "Lua 5.4.");
  return at ? atoi(at + strlen("Lua 5.4.")) : -1;
}

static int run_probe(lua_State *L) {
  luaL_openlibs(L);
  if (luaL_loadstring(L, probe) != LUA_OK) return lua_error(L);
  lua_call(L, 0, 1);
  return 1;
}

static bool passes_probe(void) {
  lua_State *L = luaL_newstate();
  if (!L) return false;
  lua_pushcfunction(L, run_probe);
  bool passes = lua_pcall(L, 0, 1, 0) == LUA_OK && lua_toboolean(L, -1);
  lua_close(L);
  return passes;
}

void mw_lua_faults(char *text, size_t space) {
  int release = release_of(lua_ident);
  size_t used = 0;
  text[0] = 0;
  for (size_t i = 0; i < sizeof faults / sizeof *faults && used < space; i++)
    if (release < faults[i].until)
      used += (size_t)snprintf(text + used, space - used, "%s%s", used ? "; " : "", faults[i].fault);
  if (used < space && !passes_probe())
    snprintf(text + used, space - used, "%sconcatenation can use a stack that was freed", used ? "; " : "");
}

int mw_lua_release(void) { return release_of(lua_ident); }
