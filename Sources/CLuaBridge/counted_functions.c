/* Functions of C that work without allocating, in a simulated isolate. Each counts what its arguments make it do, so a
 * script that calls them again and again reaches its limits by counted work, at the same place on every machine. (What a
 * pattern tries cannot be told; simulated.c has limits of real time for that.) */
#include "counted_functions.h"

#include <string.h>

/* How many bytes of a text, and elements of a table, a C function goes through in the time of an instruction, about; and
 * the most that a call counts. */
enum { TEXT_PER_STEP = 8, ELEMENTS_PER_STEP = 2, MOST_STEPS = 200000000 };

static void count_steps(lua_State *L, lua_Number steps) {
  if (steps > 0) mw_of(L)->work.done += steps < MOST_STEPS ? (int64_t)steps : MOST_STEPS;
}

static void count_bytes(lua_State *L, lua_Number bytes) { count_steps(L, bytes / TEXT_PER_STEP); }
static void count_elements(lua_State *L, lua_Number elements) { count_steps(L, elements / ELEMENTS_PER_STEP); }

/* Goes on as the stock function, in the same frame, so its errors name the function as ever. upvalue: that function */
static int go_on(lua_State *L) {
  lua_CFunction stock = lua_tocfunction(L, lua_upvalueindex(1));
  return stock(L);
}

static size_t text_length(lua_State *L, int index) { return lua_type(L, index) == LUA_TSTRING ? lua_rawlen(L, index) : 0; }

static bool is_anchored(lua_State *L, int index) {
  return lua_type(L, index) == LUA_TSTRING && lua_tostring(L, index)[0] == '^';
}

/* A longer result is refused at once. stack: text, count, separator */
static int counted_rep(lua_State *L) {
  lua_Number count = lua_tonumber(L, 2);
  lua_Number bytes = (lua_Number)(text_length(L, 1) + text_length(L, 3)) * count;
  if (bytes <= (lua_Number)mw_of(L)->heap.cap) count_bytes(L, count);
  return go_on(L);
}

/* string.find and string.match look at the rest of the text if they find nothing. stack: text, pattern, init */
static int counted_search(lua_State *L) {
  lua_Number rest = (lua_Number)text_length(L, 1) - (lua_tonumber(L, 3) > 0 ? lua_tonumber(L, 3) : 0);
  bool looks_on = !is_anchored(L, 2);
  int results = go_on(L);
  if (results == 1 && lua_isnil(L, -1) && looks_on) count_bytes(L, rest);
  return results;
}

static int counted_gsub(lua_State *L) { /* stack: text, pattern, ... */
  if (!is_anchored(L, 2)) count_bytes(L, (lua_Number)text_length(L, 1));
  return go_on(L);
}

static lua_Number list_length(lua_State *L, int index) { return lua_istable(L, index) ? (lua_Number)lua_rawlen(L, index) : 0; }

static int counted_concat(lua_State *L) { /* stack: list, separator, first, last */
  lua_Number length = list_length(L, 1), first = lua_isnumber(L, 3) ? lua_tonumber(L, 3) : 1;
  lua_Number last = lua_isnumber(L, 4) ? lua_tonumber(L, 4) : length;
  count_elements(L, (last < length ? last : length) - first);
  return go_on(L);
}

static int counted_move(lua_State *L) { /* stack: list, first, last, ... */
  count_elements(L, lua_tonumber(L, 3) - lua_tonumber(L, 2));
  return go_on(L);
}

static int counted_insert(lua_State *L) { /* stack: list, place, value; or list, value */
  if (lua_gettop(L) == 3) count_elements(L, list_length(L, 1) - lua_tonumber(L, 2));
  return go_on(L);
}

static int counted_remove(lua_State *L) { /* stack: list, place */
  if (lua_isnumber(L, 2)) count_elements(L, list_length(L, 1) - lua_tonumber(L, 2));
  return go_on(L);
}

/* A comparison costs about as much as an instruction. stack: list, comparator */
static int counted_sort(lua_State *L) {
  lua_Number length = list_length(L, 1);
  int depth = 0;
  for (lua_Number left = length; left > 1; left /= 2) depth++;
  count_steps(L, length * depth);
  return go_on(L);
}

/* stack: globals */
static void count_functions(lua_State *L, const char *library, const luaL_Reg *functions) {
  lua_getfield(L, -1, library);
  for (; functions->name; functions++) {
    lua_getfield(L, -1, functions->name);
    lua_pushcclosure(L, functions->func, 1);
    lua_setfield(L, -2, functions->name);
  }
  lua_pop(L, 1);
}

void mw_count_functions(lua_State *L) {
  static const luaL_Reg strings[] = {
    {"rep", counted_rep}, {"find", counted_search}, {"match", counted_search}, {"gsub", counted_gsub}, {NULL, NULL},
  };
  static const luaL_Reg tables[] = {
    {"concat", counted_concat}, {"move", counted_move}, {"insert", counted_insert}, {"remove", counted_remove},
    {"sort", counted_sort}, {NULL, NULL},
  };
  count_functions(L, "string", strings);
  count_functions(L, "table", tables);
}
