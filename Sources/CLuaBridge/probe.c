/* Whether the Lua that is linked is one that a sandbox can stand on.
 *
 * A version is believed where it is known to be sound; and, since a distribution may patch what it calls by that version, a
 * script is run whose result a known fault changes: upstream's commit 42d40581 let luaV_concat go on with a stack that a
 * `__concat` metamethod had moved, and 603b2c64 corrected that three days later. Debian 12 has the first without the second. */
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

extern const char lua_ident[]; /* "$LuaVersion: Lua 5.4.4  Copyright ..." */

/* What plain text reaches, by the last digit of the first version without it. */
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

/* Empty: none is known. */
void mw_lua_faults(char *text, size_t space) {
  int release = release_of(lua_ident);
  size_t used = 0;
  text[0] = 0;
  for (size_t i = 0; i < sizeof faults / sizeof *faults && used < space; i++)
    if (release < faults[i].until)
      used += (size_t)snprintf(text + used, space - used, "%s%s", used ? "; " : "", faults[i].fault);
  if (used < space && !passes_probe())
    snprintf(text + used, space - used, "%sconcatenation goes on with a stack that was freed", used ? "; " : "");
}

int mw_lua_release(void) { return release_of(lua_ident); }
