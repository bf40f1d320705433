/* Writes the result and `run.state`, or the error's text and data, into the isolate's buffers. Runs in the run's
 * coroutine, so within the limits of the run. */
#include "run_end.h"

#include <stdio.h>

#include "buffer.h"
#include "codec.h"
#include "objects.h"

/* Longer texts are cut, since they are kept outside the script's heap. */
enum { LONGEST_ERROR = 16 << 10 };

static void append_string(lua_State *L, int index, mw_buffer *into) {
  size_t length;
  const char *text = lua_tolstring(L, index, &length);
  mw_buffer_append(mw_of(L), into, text, length > LONGEST_ERROR ? LONGEST_ERROR : length);
  if (length > LONGEST_ERROR) mw_buffer_append_text(mw_of(L), into, "...");
}

/* Formats as tostring does. */
static void append_number(lua_State *L, int index, mw_buffer *into) {
  char number[64];
  if (lua_isinteger(L, index)) {
    snprintf(number, sizeof number, LUA_INTEGER_FMT, lua_tointeger(L, index));
  } else {
    int length = snprintf(number, sizeof number - 2, LUA_NUMBER_FMT, lua_tonumber(L, index));
    if (number[strspn(number, "-0123456789")] == 0) memcpy(number + length, ".0", 3);
  }
  mw_buffer_append_text(mw_of(L), into, number);
}

/* A key "message\0..." is another one than "message". */
static bool is_text(lua_State *L, int index, const char *text) {
  size_t length;
  if (lua_type(L, index) != LUA_TSTRING) return false;
  const char *key = lua_tolstring(L, index, &length);
  return length == strlen(text) && memcmp(key, text, length) == 0;
}

void mw_append_error(lua_State *L, int index, mw_buffer *into) {
  mw_isolate *isolate = mw_of(L);
  index = lua_absindex(L, index);
  switch (lua_type(L, index)) {
    case LUA_TSTRING: append_string(L, index, into); return;
    case LUA_TNUMBER: append_number(L, index, into); return;
    case LUA_TTABLE: {
      static const char *const keys[] = {"message", "msg", NULL};
      for (const char *const *key = keys; *key; key++) {
        lua_pushnil(L);
        for (bool found = false; lua_next(L, index) && !found;) {
          found = is_text(L, -2, *key) && (lua_type(L, -1) == LUA_TSTRING || lua_type(L, -1) == LUA_TNUMBER);
          if (found) mw_append_error(L, -1, into);
          lua_pop(L, found ? 2 : 1);
          if (found) return;
        }
      }
      mw_buffer_append_text(isolate, into, "(error object is a table without a message)");
      isolate->lacks_message = true;
      return;
    }
    default:
      mw_buffer_append_text(isolate, into, "(error object is a ");
      mw_buffer_append_text(isolate, into, luaL_typename(L, index));
      mw_buffer_append_text(isolate, into, " value)");
  }
}

static int encode_result(lua_State *L) { /* stack: result */
  mw_encode(L, &mw_of(L)->result, 1, "result", 1, false);
  return 0;
}

static int encode_data(lua_State *L) { /* stack: error */
  mw_encode(L, &mw_of(L)->data, 1, "error", 1, false);
  return 0;
}

static int encode_state(lua_State *L) { /* stack: state */
  mw_encode(L, &mw_of(L)->state, 1, "run.state", 1, false);
  return 0;
}

/* Appends the callback's position, for an error that has none. */
static void append_position(lua_State *L, mw_buffer *into) {
  mw_isolate *isolate = mw_of(L);
  lua_Debug info;
  char line[32];
  lua_rawgeti(L, LUA_REGISTRYINDEX, isolate->slots[isolate->running].callback);
  if (!lua_isfunction(L, -1)) {
    lua_pop(L, 1);
    return;
  }
  lua_getinfo(L, ">S", &info);
  mw_buffer_append_text(isolate, into, info.short_src);
  snprintf(line, sizeof line, ":%d: ", info.linedefined);
  mw_buffer_append_text(isolate, into, line);
}

#define MEMORY_HINT " (the script is at its memory limit: does it keep too much, or call itself without end?)"

/* Lua calls no message handler for this error. stack: handler, run, error */
static void fail_for_memory(lua_State *L) {
  mw_isolate *isolate = mw_of(L);
  if (isolate->overflowed) {
    if (*isolate->overflow_position) mw_buffer_append_text(isolate, &isolate->result, isolate->overflow_position);
    else append_position(L, &isolate->result);
    mw_buffer_append_text(isolate, &isolate->result, "stack overflow: endless recursion");
    return;
  }
  isolate->traceback.count = 0;
  append_position(L, &isolate->result);
  mw_append_error(L, -1, &isolate->result);
  mw_buffer_append_text(isolate, &isolate->result, MEMORY_HINT);
}

static int continue_describe(lua_State *L, int status, lua_KContext context) {
  (void)L;
  (void)status;
  (void)context;
  return 1;
}

static int describe(lua_State *L) { /* stack: __tostring, error; may wait */
  lua_callk(L, 1, 1, 0, continue_describe);
  return 1;
}

/* Keeps a table that was raised, if it can be copied. stack: handler, run, error, ... */
static int keep_data(lua_State *L) {
  mw_isolate *isolate = mw_of(L);
  isolate->failed = true; /* again: __tostring may have waited, and another turn begun */
  isolate->data.count = 0;
  if (!lua_istable(L, 3)) return 0;
  lua_pushcfunction(L, encode_data);
  lua_pushvalue(L, 3);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) isolate->data.count = 0;
  return 0;
}

/* stack: handler, run, error, traceback, result or error of __tostring */
static int finish_described(lua_State *L, int status, lua_KContext context) {
  (void)context;
  mw_isolate *isolate = mw_of(L);
  size_t length;
  const char *traceback = lua_tolstring(L, 4, &length);
  isolate->traceback.count = isolate->result.count = 0;
  mw_buffer_append(isolate, &isolate->traceback, traceback, length);
  if ((status == LUA_OK || status == LUA_YIELD) && lua_type(L, 5) == LUA_TSTRING) append_string(L, 5, &isolate->result);
  else mw_append_error(L, 3, &isolate->result);
  return keep_data(L);
}

/* Calls the error's __tostring, if there is one. stack: handler, run, error */
static int fail(lua_State *L, int status) {
  mw_isolate *isolate = mw_of(L);
  isolate->failed = true;
  if (status == LUA_ERRMEM) {
    fail_for_memory(L);
    return 0;
  }
  bool is_object = lua_istable(L, 3) || lua_type(L, 3) == LUA_TUSERDATA;
  if (!is_object || mw_is_interrupted(isolate) || luaL_getmetafield(L, 3, "__tostring") == LUA_TNIL) {
    mw_append_error(L, 3, &isolate->result);
    return keep_data(L);
  }
  lua_pushlstring(L, (const char *)isolate->traceback.start, isolate->traceback.count);
  lua_insert(L, 4);
  lua_pushcfunction(L, describe);
  lua_insert(L, 5);
  lua_pushvalue(L, 3); /* handler, run, error, traceback, describe, __tostring, error */
  status = lua_pcallk(L, 2, 1, 0, 0, finish_described);
  return finish_described(L, status, 0);
}

/* A `run.state` that cannot be copied makes the run fail. stack: handler, run, ... */
static void save_state(lua_State *L) {
  mw_isolate *isolate = mw_of(L);
  if (lua_isnil(L, 2)) return;
  lua_pushcfunction(L, encode_state);
  if (!mw_push_state(L, 2) || lua_pcall(L, 1, 0, 0) == LUA_OK) return;
  isolate->failed = true;
  isolate->cancelled = false;
  isolate->state.count = isolate->result.count = 0;
  append_position(L, &isolate->result);
  mw_append_error(L, -1, &isolate->result);
}

int mw_finish(lua_State *L, int status, lua_KContext context) {
  (void)context;
  mw_isolate *isolate = mw_of(L);
  isolate->result.count = 0;
  if (status != LUA_OK && status != LUA_YIELD) return fail(L, status);
  lua_settop(L, 3); /* any number of results may have filled the stack */
  if (lua_isuserdata(L, 3)) {
    isolate->cancelled = lua_touserdata(L, 3) == isolate->cancel;
    isolate->declined = lua_touserdata(L, 3) == mw_declined_token;
  }
  if (!isolate->cancelled && !isolate->declined && !lua_isnil(L, 3)) {
    /* A result that cannot be copied counts as nil; the run does not fail. */
    lua_pushcfunction(L, encode_result);
    lua_pushvalue(L, 3);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) isolate->result.count = 0;
  }
  if (!isolate->declined) save_state(L);
  return 0;
}
