/* The globals of scripts are a new table that gets only the functions listed here; the stock libraries' own tables are
 * dropped. Some functions are replaced:
 *
 *   pcall, xpcall, coroutine.*   see coroutines.c
 *   load                         takes text only, and marks the names of chunks
 *   setmetatable                 refuses __gc; takes a mark of json.array or json.object away
 *   tostring, string.format      see texts.c
 *   collectgarbage               counts, and makes one step
 *   string.gmatch                ends once it has raised: calling it again after "pattern too complex" overflows the C
 *                                stack of Lua 5.4
 *   os.*                         runs in a critical section, as libc takes locks. Nothing of the script, not even a
 *                                metamethod, may run inside, and no call may take long. */
#include "sandbox.h"

#include "coroutines.h"
#include "hash.h"
#include "json.h"
#include "marks.h"
#include "preempt.h"
#include "simulated.h"
#include "texts.h"
#include "traceback.h"

static const char *const base_names[] = {
  "assert", "error", "getmetatable", "ipairs", "next", "pairs", "rawequal", "rawget", "rawlen", "rawset", "select",
  "tonumber", "tostring", "type", "_VERSION", NULL,
};
static const char *const string_names[] = {
  "byte", "char", "find", "format", "gsub", "len", "lower", "match", "pack", "packsize", "rep", "reverse", "sub",
  "unpack", "upper", NULL,
};
static const char *const table_names[] = {"concat", "insert", "move", "pack", "remove", "sort", "unpack", NULL};
static const char *const utf8_names[] = {"char", "charpattern", "codepoint", "codes", "len", "offset", NULL};
static const char *const math_names[] = {
  "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max", "maxinteger", "min",
  "mininteger", "modf", "pi", "rad", "random", "randomseed", "sin", "sqrt", "tan", "tointeger", "type", "ult", NULL,
};

/* stack: ..., source, target (at the top) */
static void copy_names(lua_State *L, const char *const *names) {
  for (; *names; names++) {
    lua_getfield(L, -2, *names);
    lua_setfield(L, -2, *names);
  }
}

static int safe_setmetatable(lua_State *L) { /* stack: table, metatable */
  int type = lua_type(L, 2);
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table");
  if (mw_mark_of(L, 1) == MW_UNMARKED && luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
    return luaL_error(L, "cannot change a protected metatable");
  if (type == LUA_TTABLE) {
    lua_pushliteral(L, "__gc");
    if (lua_rawget(L, 2) != LUA_TNIL)
      return luaL_error(L, "__gc is not available to scripts; use a <close> variable");
  }
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

static int safe_collectgarbage(lua_State *L) {
  static const char *const options[] = {"collect", "count", "step", NULL};
  switch (luaL_checkoption(L, 1, "collect", options)) {
    case 1:
      lua_pushnumber(L, (lua_Number)lua_gc(L, LUA_GCCOUNT) + (lua_Number)lua_gc(L, LUA_GCCOUNTB) / 1024);
      return 1;
    case 2:
      lua_pushboolean(L, lua_gc(L, LUA_GCSTEP, 0));
      return 1;
    default: /* one step: a whole collection could hold the thread for long */
      lua_gc(L, LUA_GCSTEP, 0);
      lua_pushinteger(L, 0);
      return 1;
  }
}

static const char *read_piece(lua_State *L, void *unused, size_t *size) { /* stack: chunk function at 1 */
  (void)unused;
  luaL_checkstack(L, 2, "load");
  lua_pushvalue(L, 1);
  lua_call(L, 0, 1);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    *size = 0;
    return NULL;
  }
  if (!lua_isstring(L, -1)) luaL_error(L, "reader function must return a string");
  lua_replace(L, 5);
  return lua_tolstring(L, 5, size);
}

#define LOADED "=(load)"

/* A name that looks like that of a file gets a prefix, unless it is that of the file that calls: else a script could put
 * the name of another one into errors, logs and positions, or that of the prelude, whose frames tracebacks leave out.
 * stack: chunk, name, ... */
static const char *chunk_name(lua_State *L, const char *otherwise) {
  const char *name = luaL_optstring(L, 2, otherwise);
  bool is_file = *name == '@' || *name == '=';
  if (!is_file || strncmp(name, LOADED, strlen(LOADED)) == 0 || mw_may_name_chunk(L, name)) return name;
  if (strcmp(name, MW_PRELUDE_SOURCE) == 0) return LOADED;
  if (lua_gettop(L) < 2) lua_settop(L, 2);
  name = lua_pushfstring(L, LOADED " %s", name + 1);
  lua_replace(L, 2); /* keeps the text */
  return name;
}

static int safe_load(lua_State *L) { /* stack: chunk, name, mode, env */
  size_t length;
  const char *text = lua_tolstring(L, 1, &length);
  bool has_env = !lua_isnone(L, 4);
  const char *mode = luaL_optstring(L, 3, "t");
  if (!strchr(mode, 't')) return luaL_error(L, "load takes text only: bytecode is refused");
  int status;
  if (text) {
    status = luaL_loadbufferx(L, text, length, chunk_name(L, text), "t");
  } else {
    const char *name = chunk_name(L, LOADED);
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 5);
    status = lua_load(L, read_piece, NULL, name, "t");
  }
  if (status != LUA_OK) {
    if (mw_is_token(L, -1)) return lua_error(L); /* raised in the reader function */
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  if (has_env) {
    lua_pushvalue(L, 4);
    if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
  }
  return 1;
}

/* Raises the error at the top with the position of the script's call in front. The function that raised it was called
 * by C, so it put no position there. */
static int raise_here(lua_State *L) {
  if (lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

/* upvalue: the stock iterator, or nil once it has raised */
static int gmatch_next(lua_State *L) {
  if (lua_isnil(L, lua_upvalueindex(1)))
    return luaL_error(L, "this gmatch iterator has raised an error and cannot be used again");
  lua_settop(L, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  if (lua_pcall(L, 0, LUA_MULTRET, 0) == LUA_OK) return lua_gettop(L);
  lua_pushnil(L);
  lua_replace(L, lua_upvalueindex(1));
  return raise_here(L);
}

static int safe_gmatch(lua_State *L) { /* stack: text, pattern, init; upvalue: the stock gmatch */
  luaL_checkstring(L, 1);
  luaL_checkstring(L, 2);
  luaL_optinteger(L, 3, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  lua_pushcclosure(L, gmatch_next, 1);
  return 1;
}

/* Catches an error, since it must not jump out of the critical section. stack: function, args -> results */
static void call_critical(lua_State *L, int arguments, int results) { /* raises */
  mw_isolate *isolate = mw_of(L);
  mw_enter_critical(isolate);
  int status = lua_pcall(L, arguments, results, 0);
  mw_leave_critical(isolate);
  if (status != LUA_OK) raise_here(L);
}

/* upvalue: a function of the stock os library, with arguments and results that have no metamethods */
static int guarded(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  call_critical(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

enum { LONGEST_DATE_FORMAT = 4096 };

static int guarded_date(lua_State *L) { /* stack: format, time */
  if (lua_type(L, 1) == LUA_TSTRING && lua_rawlen(L, 1) > LONGEST_DATE_FORMAT)
    return luaL_argerror(L, 1, lua_pushfstring(L, "longer than %d bytes", LONGEST_DATE_FORMAT));
  return guarded(L);
}

static const char *const date_fields[] = {
  "year", "month", "day", "hour", "min", "sec", "isdst", "yday", "wday", NULL,
};

/* Copies the fields of a date. Calls the script's metamethods, as os.time would. */
static void copy_date(lua_State *L, int from, int to) {
  for (const char *const *field = date_fields; *field; field++)
    if (lua_getfield(L, from, *field) != LUA_TNIL) lua_setfield(L, to, *field);
    else lua_pop(L, 1);
}

static int guarded_time(lua_State *L) { /* stack: date or nothing */
  if (!lua_istable(L, 1)) return guarded(L);
  lua_settop(L, 1);
  lua_newtable(L);
  copy_date(L, 1, 2);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, 2);
  call_critical(L, 1, 1);
  copy_date(L, 2, 1);
  return 1;
}

/* Registers a library where Lua looks up names of functions that C called (`bad argument #1 to 'os.date'`). stack:
 * library */
static void name_for_errors(lua_State *L, const char *name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

static void new_library(lua_State *L, const char *name, lua_CFunction open, const char *const *names) {
  /* stack: globals -> globals, library (also set in globals) */
  lua_pushcfunction(L, open);
  lua_call(L, 0, 1);
  lua_newtable(L);
  copy_names(L, names);
  name_for_errors(L, name);
  lua_pushvalue(L, -1);
  lua_setfield(L, -4, name);
  lua_remove(L, -2);
}

static void open_string(lua_State *L) { /* stack: globals */
  lua_pushcfunction(L, luaopen_string);
  lua_call(L, 0, 1);
  lua_newtable(L);
  copy_names(L, string_names);
  lua_getfield(L, -2, "gmatch");
  lua_pushcclosure(L, safe_gmatch, 1);
  lua_setfield(L, -2, "gmatch");
  /* Methods of strings are these functions; getmetatable("") does not give the table away. */
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "string");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
  name_for_errors(L, "string");
  lua_setfield(L, -3, "string");
  lua_pop(L, 1);
}

static void open_os(lua_State *L) { /* stack: globals */
  static const luaL_Reg own[] = {
    {"clock", guarded}, {"date", guarded_date}, {"difftime", guarded}, {"time", guarded_time}, {NULL, NULL},
  };
  lua_pushcfunction(L, luaopen_os);
  lua_call(L, 0, 1);
  name_for_errors(L, "os");
  lua_newtable(L);
  for (const luaL_Reg *entry = own; entry->name; entry++) {
    lua_getfield(L, -2, entry->name);
    lua_pushcclosure(L, entry->func, 1);
    lua_setfield(L, -2, entry->name);
  }
  lua_setfield(L, -3, "os");
  lua_pop(L, 1);
}

static void open_base(lua_State *L) { /* stack: globals */
  static const luaL_Reg own[] = {
    {"pcall", mw_pcall}, {"xpcall", mw_xpcall}, {"load", safe_load}, {"setmetatable", safe_setmetatable},
    {"collectgarbage", safe_collectgarbage}, {NULL, NULL},
  };
  lua_pushcfunction(L, luaopen_base);
  lua_call(L, 0, 1);
  lua_insert(L, -2);
  copy_names(L, base_names);
  lua_remove(L, -2);
  luaL_setfuncs(L, own, 0);
}

void mw_open_sandbox(lua_State *L) {
  lua_newtable(L);
  open_base(L);
  open_string(L);
  new_library(L, "table", luaopen_table, table_names);
  lua_pop(L, 1);
  new_library(L, "math", luaopen_math, math_names);
  lua_pop(L, 1);
  new_library(L, "utf8", luaopen_utf8, utf8_names);
  lua_pop(L, 1);
  open_os(L);
  mw_open_coroutines(L);
  name_for_errors(L, "coroutine");
  lua_setfield(L, -2, "coroutine");
  mw_open_texts(L);
  mw_open_json(L);
  name_for_errors(L, "json");
  lua_setfield(L, -2, "json");
  mw_open_hash(L);
  name_for_errors(L, "hash");
  lua_setfield(L, -2, "hash");
  if (mw_of(L)->config.simulated) mw_open_simulated(L);
  name_for_errors(L, LUA_GNAME);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "_G");
  lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}
