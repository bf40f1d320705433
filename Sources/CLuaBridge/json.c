/* decode and encode are stacks of values and no more, so they may run for long and be left at any time: all that they use
 * is in the Lua heap. */
#include "json.h"

#include "json_decode.h"
#include "json_encode.h"
#include "json_numbers.h"
#include "long_calls.h"
#include "marks.h"
#include "options.h"

enum { LARGEST_TEXT = 16 << 20 };

static size_t largest_text(lua_State *L) {
  size_t quarter = mw_of(L)->heap.cap / 4;
  return quarter < LARGEST_TEXT ? quarter : LARGEST_TEXT;
}

static void read_reading(lua_State *L, const char *function, mw_json_reading *how) { /* raises */
  static const char *const bigs[] = {"float", "string", "error", NULL};
  static const char *const utf8s[] = {"error", "replace", NULL};
  static const char *const duplicates[] = {"last", "error", NULL};
  mw_option options[] = {
    {"nulls", NULL, &how->keeps_nulls}, {"big", bigs, &how->big}, {"utf8", utf8s, &how->replaces},
    {"duplicates", duplicates, &how->refuses_same}, {NULL, NULL, NULL},
  };
  mw_read_options(L, MW_JSON_OPTIONS, function, options);
}

static int decode(lua_State *L) { /* stack: text, options */
  mw_json_reading how = {0};
  size_t length, most = largest_text(L);
  mw_text_argument(L, MW_JSON_TEXT, "json.decode", "a text", &length);
  lua_settop(L, MW_JSON_OPTIONS);
  lua_settop(L, MW_JSON_VALUES - 1);
  read_reading(L, "json.decode", &how);
  if (length > most) {
    lua_pushnil(L);
    lua_pushfstring(L, "a text of more than %I bytes", (LUAI_UACINT)most);
    lua_pushliteral(L, "json");
    return 3;
  }
  return mw_json_read(L, &how, 0, length);
}

static int encode_with(lua_State *L, const char *function, mw_json_writing how) { /* stack: value, options */
  static const char *const utf8s[] = {"error", "replace", NULL};
  mw_option options[] = {{"pretty", NULL, &how.is_pretty}, {"utf8", utf8s, &how.replaces}, {NULL, NULL, NULL}};
  if (lua_isnone(L, 1)) {
    lua_pushfstring(L, "%s takes a value", function);
    return mw_raise(L);
  }
  mw_read_options(L, 2, function, options);
  lua_settop(L, 1);
  lua_settop(L, 3);
  return mw_json_write(L, &how, largest_text(L));
}

static int encode(lua_State *L) { return encode_with(L, "json.encode", (mw_json_writing){0}); }
static int pretty(lua_State *L) { return encode_with(L, "json.pretty", (mw_json_writing){.is_pretty = 1}); }

/* Lines */

enum { LINE_TEXT = 1, LINE_PLACE, LINE_NUMBER, LINE_OPTIONS, LINE_UPVALUES = LINE_OPTIONS };

/* The search for the next line that is not blank. */
typedef struct {
  size_t at, step_start;
  lua_Integer number; /* of the line before */
} line_search;

/* stack: value -> value, number */
static int finish_line(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(LINE_NUMBER));
  return 2;
}

static int continue_line(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  return finish_line(L);
}

/* A line is read by a call of its own, which may yield. */
static int read_line(lua_State *L) { /* stack: text, options, from, to */
  mw_json_reading how = {.raises = 1};
  size_t from = (size_t)lua_tointeger(L, 3), to = (size_t)lua_tointeger(L, 4);
  read_reading(L, "json.lines", &how);
  lua_settop(L, MW_JSON_OPTIONS);
  lua_settop(L, MW_JSON_VALUES - 1);
  return mw_json_read(L, &how, from, to);
}

static void keep_place(lua_State *L, size_t at, lua_Integer number) {
  lua_pushinteger(L, (lua_Integer)at);
  lua_replace(L, lua_upvalueindex(LINE_PLACE));
  lua_pushinteger(L, number);
  lua_replace(L, lua_upvalueindex(LINE_NUMBER));
}

static int search_on(lua_State *L, int status, lua_KContext context);

static int search_line(lua_State *L, line_search *s) { /* stack: kept */
  size_t length;
  const char *text = lua_tolstring(L, lua_upvalueindex(LINE_TEXT), &length);
  for (; s->at < length; s->at++) {
    if (s->at - s->step_start >= MW_STEP_BYTES) {
      s->step_start = s->at;
      mw_end_step(L, MW_STEP_BYTES, s, sizeof *s, 1, search_on);
    }
    char c = text[s->at];
    if (c == '\n') s->number++;
    if (c == '\n' || c == ' ' || c == '\t' || c == '\r') continue;
    const char *newline = memchr(text + s->at, '\n', length - s->at);
    size_t end = newline ? (size_t)(newline - text) : length;
    keep_place(L, newline ? end + 1 : length, s->number + 1);
    lua_pushcfunction(L, read_line);
    lua_pushvalue(L, lua_upvalueindex(LINE_TEXT));
    lua_pushvalue(L, lua_upvalueindex(LINE_OPTIONS));
    lua_pushinteger(L, (lua_Integer)s->at);
    lua_pushinteger(L, (lua_Integer)end);
    lua_callk(L, 4, 1, 0, continue_line);
    return finish_line(L);
  }
  keep_place(L, length, s->number);
  lua_pushnil(L);
  return 1;
}

static int search_on(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  line_search s;
  mw_take_up(L, &s, sizeof s, 1);
  return search_line(L, &s);
}

/* upvalues: text, place, number, options */
static int next_line(lua_State *L) {
  size_t at = (size_t)lua_tointeger(L, lua_upvalueindex(LINE_PLACE));
  line_search s = {at, at, lua_tointeger(L, lua_upvalueindex(LINE_NUMBER))};
  lua_settop(L, 0);
  lua_pushnil(L);
  return search_line(L, &s);
}

static int lines(lua_State *L) { /* stack: text, options */
  mw_json_reading how = {0};
  size_t length, most = largest_text(L);
  mw_text_argument(L, 1, "json.lines", "a text", &length);
  lua_settop(L, 2);
  read_reading(L, "json.lines", &how);
  if (length > most) {
    lua_pushfstring(L, "json.lines: a text of more than %I bytes", (LUAI_UACINT)most);
    return mw_raise(L);
  }
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  lua_pushinteger(L, 0);
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, next_line, LINE_UPVALUES);
  return 1;
}

/* Marks */

static int mark(lua_State *L, const char *function, mw_table_mark mark) { /* stack: table */
  if (lua_isnone(L, 1)) lua_newtable(L);
  if (!lua_istable(L, 1)) return mw_refuse_argument(L, 1, function, "a table");
  if (mw_mark_of(L, 1) == MW_UNMARKED && lua_getmetatable(L, 1)) {
    lua_pushfstring(L, "%s: the table has a metatable, which the mark would replace", function);
    return mw_raise(L);
  }
  lua_settop(L, 1);
  mw_mark(L, 1, mark);
  return 1;
}

static int mark_array(lua_State *L) { return mark(L, "json.array", MW_ARRAY); }
static int mark_object(lua_State *L) { return mark(L, "json.object", MW_OBJECT); }

void mw_open_json(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"decode", decode}, {"encode", encode}, {"pretty", pretty}, {"lines", lines}, {"array", mark_array},
    {"object", mark_object}, {NULL, NULL},
  };
  if (!mw_prepare_numbers()) luaL_error(L, "not enough memory");
  luaL_newlib(L, functions);
  mw_push_null(L);
  lua_setfield(L, -2, "null");
}
