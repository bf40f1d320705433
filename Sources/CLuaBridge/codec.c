/* The layout of values in a message; MessageCodec.swift reads and writes it too.
 *
 *   nil, false, true   tag
 *   integer, number    tag, 8 bytes (two's complement, IEEE 754; in the machine's byte order, since a message never
 *                      leaves it)
 *   string             tag, u32 length, bytes
 *   table              tag, u32 length of the list part, u32 number of other pairs, list values, then key, value, ...
 *   handle             tag, u64 job
 *   callback           tag, i32 callback
 *   null               tag
 *   object             tag; an empty table that is marked as an object
 *
 * A message is any number of values in a row. Tables are read without metamethods. A value that cannot be copied raises
 * an error with its path (`payload.list[3].cb: a function cannot leave its script`). */
#include "codec.h"

#include "buffer.h"
#include "callbacks.h"
#include "marks.h"
#include "objects.h"
#include "traceback.h"

enum tag {
  TAG_NIL, TAG_FALSE, TAG_TRUE, TAG_INTEGER, TAG_NUMBER, TAG_STRING, TAG_TABLE, TAG_HANDLE, TAG_CALLBACK,
  TAG_NULL, TAG_OBJECT,
};

enum { DEEPEST = 200 };

typedef struct {
  lua_State *L;
  mw_isolate *isolate;
  mw_buffer *into;
  const char *names; /* as in mw_encode */
  int position;
  bool callbacks;
  uint32_t depth;
  const void *tables[DEEPEST]; /* that enclose the current value, to find cycles */
  int keys[DEEPEST];           /* their keys' stack indices, for the path */
} encoder;

static void push_name(encoder *e) { /* raises; stack: +text */
  const char *name = e->names, *end;
  for (int i = 1; i < e->position && name; i++) {
    name = strchr(name, ',');
    if (name) name++;
  }
  if (!name || !*name) {
    lua_pushfstring(e->L, "argument %d", e->position);
    return;
  }
  end = strchr(name, ',');
  lua_pushlstring(e->L, name, end ? (size_t)(end - name) : strlen(name));
}

static void push_path(encoder *e) { /* raises; stack: +text */
  lua_State *L = e->L;
  luaL_checkstack(L, (int)e->depth * 2 + 8, "path");
  push_name(e);
  for (uint32_t i = 0; i < e->depth; i++) {
    int key = e->keys[i];
    if (lua_type(L, key) == LUA_TSTRING) lua_pushfstring(L, ".%s", lua_tostring(L, key));
    else if (lua_isinteger(L, key)) lua_pushfstring(L, "[%I]", (LUAI_UACINT)lua_tointeger(L, key));
    else lua_pushfstring(L, "[%s]", luaL_typename(L, key));
    lua_concat(L, 2);
  }
}

static void refuse(encoder *e, const char *why) { /* raises always */
  mw_where(e->L);
  push_path(e);
  lua_pushfstring(e->L, ": %s", why);
  lua_concat(e->L, 3);
  lua_error(e->L);
}

static void put(encoder *e, const void *bytes, size_t count) { /* raises */
  size_t limit = e->into == &e->isolate->arguments ? e->isolate->argument_bytes : e->isolate->config.message_bytes;
  if (e->into->count + count > limit) { /* of all values together */
    lua_pushfstring(e->L, "larger than %I bytes", (LUAI_UACINT)limit);
    refuse(e, lua_tostring(e->L, -1));
  }
  if (!mw_buffer_append(e->isolate, e->into, bytes, count)) refuse(e, "not enough memory to copy it");
}

static void put_tag(encoder *e, uint8_t tag) { put(e, &tag, 1); }

static void put_tagged(encoder *e, uint8_t tag, const void *bytes, size_t count) {
  put_tag(e, tag);
  put(e, bytes, count);
}

static void encode(encoder *e, int index); /* raises */

static void encode_string(encoder *e, int index) {
  size_t length;
  const char *text = lua_tolstring(e->L, index, &length);
  if (length > UINT32_MAX) refuse(e, "a string of more than 4 GiB cannot be copied");
  uint32_t count = (uint32_t)length;
  put_tagged(e, TAG_STRING, &count, sizeof count);
  put(e, text, length);
}

static void encode_key(encoder *e, int index) {
  switch (lua_type(e->L, index)) {
    case LUA_TSTRING: case LUA_TNUMBER: case LUA_TBOOLEAN: encode(e, index); break;
    default:
      lua_pushfstring(e->L, "a key of type %s cannot be copied", luaL_typename(e->L, index));
      refuse(e, lua_tostring(e->L, -1));
  }
}

static void enter_table(encoder *e, int index) {
  const void *identity = lua_topointer(e->L, index);
  for (uint32_t i = 0; i < e->depth; i++)
    if (e->tables[i] == identity) refuse(e, "a table that contains itself cannot be copied");
  if (e->depth >= e->isolate->config.message_depth || e->depth >= DEEPEST) {
    lua_pushfstring(e->L, "nested deeper than %d tables", (int)e->depth);
    refuse(e, lua_tostring(e->L, -1));
  }
  luaL_checkstack(e->L, 8, "nested tables");
  e->tables[e->depth] = identity;
}

/* `index` is absolute. */
static void encode_table(encoder *e, int index) {
  lua_State *L = e->L;
  enter_table(e, index);
  uint32_t counts[2] = {0, 0};
  put_tag(e, TAG_TABLE);
  size_t patch = e->into->count;
  put(e, counts, sizeof counts);
  uint32_t level = e->depth++;
  for (lua_Integer i = 1;; i++) {
    lua_pushinteger(L, i);
    e->keys[level] = lua_gettop(L);
    if (lua_rawgeti(L, index, i) == LUA_TNIL) {
      lua_pop(L, 2);
      break;
    }
    encode(e, lua_gettop(L));
    lua_pop(L, 2);
    counts[0]++;
  }
  lua_pushnil(L);
  while (lua_next(L, index)) {
    int value = lua_gettop(L);
    e->keys[level] = value - 1;
    bool listed = lua_isinteger(L, value - 1) && lua_tointeger(L, value - 1) >= 1 &&
                  lua_tointeger(L, value - 1) <= (lua_Integer)counts[0];
    if (!listed) {
      encode_key(e, value - 1);
      encode(e, value);
      counts[1]++;
    }
    lua_pop(L, 1);
  }
  e->depth = level;
  memcpy(e->into->start + patch, counts, sizeof counts);
  if (counts[0] == 0 && counts[1] == 0 && mw_mark_of(L, index) == MW_OBJECT) {
    e->into->count = patch;
    e->into->start[patch - 1] = TAG_OBJECT;
  }
}

static void encode_function(encoder *e, int index) {
  if (!e->callbacks) refuse(e, "a function cannot leave its script");
  mw_callback callback = mw_create_callback(e->L, index, &e->isolate->pending_callbacks);
  if (!callback) refuse(e, "not enough memory to keep it");
  put_tagged(e, TAG_CALLBACK, &callback, sizeof callback);
}

static void encode(encoder *e, int index) {
  lua_State *L = e->L;
  uint64_t job;
  switch (lua_type(L, index)) {
    case LUA_TNIL: put_tag(e, TAG_NIL); break;
    case LUA_TBOOLEAN: put_tag(e, lua_toboolean(L, index) ? TAG_TRUE : TAG_FALSE); break;
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) {
        int64_t integer = lua_tointeger(L, index);
        put_tagged(e, TAG_INTEGER, &integer, sizeof integer);
      } else {
        double number = lua_tonumber(L, index);
        put_tagged(e, TAG_NUMBER, &number, sizeof number);
      }
      break;
    case LUA_TSTRING: encode_string(e, index); break;
    case LUA_TTABLE: encode_table(e, index); break;
    case LUA_TFUNCTION: encode_function(e, index); break;
    default:
      if (mw_is_null(L, index)) put_tag(e, TAG_NULL);
      else if (mw_to_handle(L, index, &job)) put_tagged(e, TAG_HANDLE, &job, sizeof job);
      else {
        lua_pushfstring(L, "a %s cannot leave its script", luaL_typename(L, index));
        refuse(e, lua_tostring(L, -1));
      }
  }
}

void mw_encode(lua_State *L, mw_buffer *into, int index, const char *names, int position, bool callbacks) {
  encoder e;
  e.L = L;
  e.isolate = mw_of(L);
  e.into = into;
  e.names = names;
  e.position = position;
  e.callbacks = callbacks;
  e.depth = 0;
  encode(&e, lua_absindex(L, index));
}

typedef struct {
  const uint8_t *at, *end;
} reader;

/* Messages come from the host's encoder. A malformed one is a bug there; it raises instead of reading past its end. */
static void take(lua_State *L, reader *r, void *into, size_t count) { /* raises */
  if ((size_t)(r->end - r->at) < count) luaL_error(L, "moonwheel: a message from the host is cut short");
  memcpy(into, r->at, count);
  r->at += count;
}

static void decode(lua_State *L, reader *r, int depth) { /* raises; stack: +value */
  uint8_t tag;
  take(L, r, &tag, 1);
  luaL_checkstack(L, 4, "nested tables");
  switch (tag) {
    case TAG_NIL: lua_pushnil(L); return;
    case TAG_FALSE: lua_pushboolean(L, 0); return;
    case TAG_TRUE: lua_pushboolean(L, 1); return;
    case TAG_INTEGER: {
      int64_t integer;
      take(L, r, &integer, sizeof integer);
      lua_pushinteger(L, integer);
      return;
    }
    case TAG_NUMBER: {
      double number;
      take(L, r, &number, sizeof number);
      lua_pushnumber(L, number);
      return;
    }
    case TAG_STRING: {
      uint32_t count;
      take(L, r, &count, sizeof count);
      if ((size_t)(r->end - r->at) < count) luaL_error(L, "moonwheel: a message from the host is cut short");
      lua_pushlstring(L, (const char *)r->at, count);
      r->at += count;
      return;
    }
    case TAG_TABLE: {
      uint32_t counts[2];
      take(L, r, counts, sizeof counts);
      if (depth >= DEEPEST) luaL_error(L, "moonwheel: a message from the host is nested too deeply");
      size_t rest = (size_t)(r->end - r->at);
      if (counts[0] > rest || counts[1] > rest) luaL_error(L, "moonwheel: a message from the host is cut short");
      lua_createtable(L, (int)counts[0], (int)counts[1]);
      for (uint32_t i = 0; i < counts[0]; i++) {
        decode(L, r, depth + 1);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
      }
      for (uint32_t i = 0; i < counts[1]; i++) {
        decode(L, r, depth + 1);
        decode(L, r, depth + 1);
        lua_rawset(L, -3);
      }
      return;
    }
    case TAG_HANDLE: {
      uint64_t job;
      take(L, r, &job, sizeof job);
      mw_push_handle(L, job);
      return;
    }
    case TAG_NULL: mw_push_null(L); return;
    case TAG_OBJECT:
      lua_newtable(L);
      mw_mark(L, -1, MW_OBJECT);
      return;
    default: luaL_error(L, "moonwheel: a message from the host has the unknown tag %d", (int)tag);
  }
}

int mw_decode(lua_State *L, const uint8_t *message, size_t count) {
  reader r = {message, message + count};
  int values = 0;
  while (r.at < r.end) {
    luaL_checkstack(L, 4, "values of the host");
    decode(L, &r, 0);
    values++;
  }
  return values;
}
