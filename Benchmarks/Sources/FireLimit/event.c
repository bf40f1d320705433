/* Events from one Lua state to another and back: each is encoded into bytes, decoded into tables in the other state,
 * and handled on a coroutine. One thread, one queue; no look-up of handlers, no bounds. */
#include "clocks.h"
#include "scenarios.h"

#include <lua5.4/lauxlib.h>
#include <lua5.4/lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE = 512 };

struct message {
  int to; /* index of the state */
  size_t count;
  char bytes[MESSAGE];
};

static struct {
  struct message *ring;
  size_t size, head, tail;
} queue;

static lua_State *states[2], *coroutines[2];

static void fail(lua_State *L) {
  fprintf(stderr, "FireLimit: %s\n", lua_tostring(L, -1));
  exit(1);
}

static void put(struct message *message, const void *bytes, size_t count) {
  if (message->count + count > MESSAGE) exit(1);
  memcpy(message->bytes + message->count, bytes, count);
  message->count += count;
}

static void put_text(lua_State *L, struct message *message, int index) {
  size_t count;
  const char *text = lua_tolstring(L, index, &count);
  uint32_t length = (uint32_t)count;
  put(message, &length, sizeof length);
  put(message, text, count);
}

/* emit(name, fields), where fields are integers, numbers, booleans and strings. */
static int emit(lua_State *L) {
  struct message *message = &queue.ring[queue.head++ % queue.size];
  message->to = L == coroutines[0] ? 1 : 0;
  message->count = 0;
  put_text(L, message, 1);
  for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
    put_text(L, message, -2);
    char type = lua_isinteger(L, -1) ? 'i' : (char)lua_type(L, -1);
    put(message, &type, 1);
    if (type == 'i') {
      lua_Integer value = lua_tointeger(L, -1);
      put(message, &value, sizeof value);
    } else if (type == LUA_TNUMBER) {
      lua_Number value = lua_tonumber(L, -1);
      put(message, &value, sizeof value);
    } else if (type == LUA_TBOOLEAN) {
      char value = (char)lua_toboolean(L, -1);
      put(message, &value, 1);
    } else {
      put_text(L, message, -1);
    }
  }
  lua_pushboolean(L, 1);
  return 1;
}

static const char *push_text(lua_State *L, const char *at) {
  uint32_t length;
  memcpy(&length, at, sizeof length);
  lua_pushlstring(L, at + sizeof length, length);
  return at + sizeof length + length;
}

static void push_event(lua_State *L, const struct message *message) {
  const char *at = message->bytes, *end = at + message->count;
  lua_createtable(L, 0, 3);
  at = push_text(L, at);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, message->to ? "asks.lua" : "answers.lua");
  lua_setfield(L, -2, "source");
  lua_createtable(L, 0, 5);
  while (at < end) {
    at = push_text(L, at);
    char type = *at++;
    if (type == 'i') {
      lua_Integer value;
      memcpy(&value, at, sizeof value);
      lua_pushinteger(L, value);
      at += sizeof value;
    } else if (type == LUA_TNUMBER) {
      lua_Number value;
      memcpy(&value, at, sizeof value);
      lua_pushnumber(L, value);
      at += sizeof value;
    } else if (type == LUA_TBOOLEAN) {
      lua_pushboolean(L, *at++);
    } else {
      at = push_text(L, at);
    }
    lua_rawset(L, -3);
  }
  lua_setfield(L, -2, "payload");
}

static void handle(const struct message *message) {
  lua_State *L = coroutines[message->to];
  int results;
  lua_getglobal(L, "handle");
  push_event(L, message);
  if (lua_resume(L, states[message->to], 1, &results) != LUA_OK) fail(L);
  lua_pop(L, results);
}

static const char *const TEXTS[] = {
  "function ask(n) emit('ping', { id = n, name = 'order', price = 9.5, paid = true, note = 'in time' }) end "
  "function handle(event) ask(event.payload.id) end",
  "function handle(event) local order = event.payload "
  "emit('pong', { id = order.id, name = order.name, price = order.price, paid = order.paid, note = order.note }) end",
};

static void run(size_t chains, size_t trips) {
  queue.head = queue.tail = 0;
  for (size_t chain = 1; chain <= chains; chain++) {
    lua_getglobal(coroutines[0], "ask");
    lua_pushinteger(coroutines[0], (lua_Integer)chain);
    if (lua_pcall(coroutines[0], 1, 0, 0)) fail(coroutines[0]);
  }
  while (queue.tail < 2 * trips) {
    struct message message = queue.ring[queue.tail++ % queue.size];
    handle(&message);
  }
}

void measure_event(size_t chains, size_t trips) {
  queue.size = chains + 1;
  queue.ring = malloc(queue.size * sizeof *queue.ring);
  if (!queue.ring) exit(1);
  for (int place = 0; place < 2; place++) {
    lua_State *L = states[place] = luaL_newstate();
    if (!L) exit(1);
    luaL_openlibs(L);
    lua_register(L, "emit", emit);
    coroutines[place] = lua_newthread(L);
    if (luaL_dostring(L, TEXTS[place])) fail(L);
  }
  run(chains, trips / 10 + 1); /* warms up */
  uint64_t used = processor_time(), began = monotonic_time();
  run(chains, trips);
  double time = (double)(processor_time() - used), wall = (double)(monotonic_time() - began);
  printf("{\"trips\": %zu, \"cpu_us\": %.3f, \"wall_us\": %.3f}\n", trips, time / 1e3 / (double)trips,
         wall / 1e3 / (double)trips);
}
