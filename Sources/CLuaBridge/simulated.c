/* A script behaves alike in every run of a simulation, on every machine.
 *
 * Work is counted instead of timed. A hook counts VM instructions; the allocator counts the bytes of long strings,
 * since a C function makes many at once. (Allocations of tables are not counted: they depend on the hash of their
 * keys.) The hook halves the speed of tight code, so other isolates do not have it.
 *
 * A script sees nothing that depends on addresses or on the seed of Lua's string hash, which cannot be set. The
 * allocator numbers each new object; texts.c shows the number in place of the address; next and pairs go through
 * numbers, strings, booleans, then other keys by number. */
#include "simulated.h"

#include <stdlib.h>

#include "clock.h"
#include "counted_functions.h"
#include "heap.h"
#include "preempt.h"
#include "traceback.h"
#include "worker.h"

/* Work */

/* The hook runs every STEP instructions. A string longer than LONG_STRING counts one instruction for 64 bytes. */
enum { STEP = 1000, LONG_STRING = 256, BYTES_PER_STEP = 64 };

/* Counted work misses some: what a pattern tries, the time in the host. So three limits are of real time, in
 * nanoseconds: of one C function, after which the run is evicted; of a run in all its turns, after which it is
 * interrupted, and evicted a second later; and that of the whole simulation (mw_batch.real_end). */
static const int64_t longest_c_call = 5000000000, longest_run = 60000000000, real_grace = 1000000000;

static void extend_deadline(mw_isolate *isolate, int64_t now) {
  int64_t end = now + longest_c_call, last = isolate->work.real_end + real_grace;
  if (end > last) end = last;
  isolate->limits = (mw_limits){end, end, end};
  if (isolate->worker) mw_worker_set_limits(isolate->worker, &isolate->limits);
}

bool mw_obey_work(lua_State *L) {
  mw_isolate *isolate = mw_of(L);
  mw_work *work = &isolate->work;
  if (!isolate->running) return false;
  int64_t now = mw_monotonic_now();
  extend_deadline(isolate, now);
  bool is_new = !mw_is_interrupted(isolate), is_late = now >= work->real_end;
  if (is_new && work->done >= work->soft) mw_raise_interrupt(L, MW_ENDED_BY_LIMITS);
  if (is_new && is_late) mw_raise_interrupt(L, MW_OUT_OF_REAL_TIME);
  if (work->done < work->slice && !is_late) return false;
  if (mw_can_wait(isolate)) {
    if (!is_new) mw_capture_chain(isolate);
    return isolate->host_yield = isolate->preempted = true;
  }
  if (is_new && work->done >= work->hard) mw_raise_interrupt(L, MW_ENDED_BY_LIMITS);
  return false;
}

static void count_work(lua_State *L, lua_Debug *unused) {
  (void)unused;
  mw_of(L)->work.done += STEP;
  if (mw_obey_work(L)) lua_yield(L, 0);
}

void mw_limit_work(mw_isolate *isolate, mw_coroutine run, int64_t slice, int64_t soft, int64_t hard) {
  int64_t limits[] = {slice, soft, hard}, *ends[] = {&isolate->work.slice, &isolate->work.soft, &isolate->work.hard};
  for (int i = 0; i < 3; i++)
    if (__builtin_add_overflow(isolate->work.done, limits[i], ends[i])) *ends[i] = INT64_MAX;
  int64_t now = mw_monotonic_now(), left = longest_run - isolate->slots[run].real_time;
  int64_t end = isolate->batch->real_end;
  if (end > INT64_MAX - real_grace) end = INT64_MAX - real_grace;
  isolate->work.real_begun = now;
  isolate->work.real_end = now + left < end ? now + left : end;
  extend_deadline(isolate, now);
}

void mw_count_real_time(mw_isolate *isolate, mw_coroutine run) {
  isolate->slots[run].real_time += mw_monotonic_now() - isolate->work.real_begun;
}

int64_t mw_work_done(const mw_isolate *isolate) { return isolate->work.done; }

/* Numbers of objects */

enum { HEADER = 16 };

void *mw_numbered_allocate(void *owner, void *block, size_t old_size, size_t new_size) {
  mw_isolate *isolate = owner;
  uint8_t *start = block ? (uint8_t *)block - HEADER : NULL;
  uint8_t *result =
    mw_heap_allocate(owner, start, block ? old_size + HEADER : old_size, new_size ? new_size + HEADER : 0);
  if (!result) return NULL;
  if (!block && old_size == LUA_TSTRING && new_size > LONG_STRING)
    isolate->work.done += (int64_t)(new_size / BYTES_PER_STEP);
  if (!block) {
    /* Strings get no number: which of them are new objects depends on the seed of their hash. */
    bool counts = old_size == LUA_TTABLE || old_size == LUA_TFUNCTION || old_size == LUA_TTHREAD;
    uint64_t number = counts ? ++isolate->created : 0;
    memcpy(result, &number, sizeof number);
  }
  return result + HEADER;
}

static uint64_t numbered_at(const void *object) {
  uint64_t number;
  memcpy(&number, (const uint8_t *)object - HEADER, sizeof number);
  return number;
}

/* Pushes the weak-keyed table that is registered under an address; makes it if need be. stack: +table */
static void push_weak(lua_State *L, const void *identity) { /* raises */
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, identity) != LUA_TNIL) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, identity);
}

static const char seen_key;

/* The allocator does not number these objects; they get a number when the script first needs it. */
static uint64_t number_at_first_use(lua_State *L, int index) { /* raises */
  push_weak(L, &seen_key);
  lua_pushvalue(L, index);
  if (lua_rawget(L, -2) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_pushvalue(L, index);
    lua_pushinteger(L, (lua_Integer)++mw_of(L)->created);
    lua_rawset(L, -3);
    lua_pushvalue(L, index);
    lua_rawget(L, -2);
  }
  uint64_t number = (uint64_t)lua_tointeger(L, -1);
  lua_pop(L, 2);
  return number;
}

static uint64_t number_of(lua_State *L, int index) { /* raises */
  index = lua_absindex(L, index);
  const void *object = lua_topointer(L, index);
  switch (lua_type(L, index)) {
    case LUA_TTABLE: return numbered_at(object);
    case LUA_TTHREAD: return numbered_at((const uint8_t *)object - LUA_EXTRASPACE);
    case LUA_TFUNCTION: {
      bool is_closure = !lua_iscfunction(L, index) || lua_getupvalue(L, index, 1);
      if (is_closure && lua_iscfunction(L, index)) lua_pop(L, 1);
      return is_closure ? numbered_at(object) : number_at_first_use(L, index);
    }
    default: return number_at_first_use(L, index);
  }
}

/* Order */

enum rank { RANK_NUMBER, RANK_STRING, RANK_BOOLEAN, RANK_REFERENCE };

typedef struct {
  enum rank rank;
  size_t length; /* of a string */
  union {
    long double number; /* holds every integer and float of Lua exactly */
    const char *text;
    uint64_t order;
  };
  lua_Integer place;
} sort_key;

static int compare(const void *left, const void *right) {
  const sort_key *a = left, *b = right;
  if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
  if (a->rank == RANK_NUMBER) return a->number < b->number ? -1 : a->number > b->number;
  if (a->rank != RANK_STRING) return a->order < b->order ? -1 : a->order > b->order;
  int order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
  return order ? order : a->length < b->length ? -1 : a->length > b->length;
}

static sort_key key_at(lua_State *L, int index, lua_Integer place) { /* raises */
  sort_key key = {.place = place};
  switch (lua_type(L, index)) {
    case LUA_TNUMBER:
      key.rank = RANK_NUMBER;
      key.number = lua_isinteger(L, index) ? (long double)lua_tointeger(L, index) : (long double)lua_tonumber(L, index);
      break;
    case LUA_TSTRING:
      key.rank = RANK_STRING;
      key.text = lua_tolstring(L, index, &key.length);
      break;
    case LUA_TBOOLEAN:
      key.rank = RANK_BOOLEAN;
      key.order = (uint64_t)lua_toboolean(L, index);
      break;
    default:
      key.rank = RANK_REFERENCE;
      key.order = number_of(L, index);
  }
  return key;
}

/* stack: +list of the table's keys, in order */
static void push_keys(lua_State *L, int table) { /* raises */
  luaL_checkstack(L, 8, "the keys of a table");
  lua_newtable(L); /* in the order of the table */
  int unordered = lua_gettop(L);
  lua_Integer count = 0;
  for (lua_pushnil(L); lua_next(L, table); ) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawseti(L, unordered, ++count);
  }
  sort_key *keys = lua_newuserdatauv(L, (size_t)(count ? count : 1) * sizeof *keys, 0);
  for (lua_Integer i = 0; i < count; i++) {
    lua_rawgeti(L, unordered, i + 1);
    keys[i] = key_at(L, -1, i + 1);
    lua_pop(L, 1);
  }
  /* libc's qsort may call malloc. */
  mw_enter_critical(mw_of(L));
  qsort(keys, (size_t)count, sizeof *keys, compare);
  mw_leave_critical(mw_of(L));
  lua_createtable(L, (int)count, 0);
  for (lua_Integer i = 0; i < count; i++) {
    lua_rawgeti(L, unordered, keys[i].place);
    lua_rawseti(L, -2, i + 1);
  }
  lua_replace(L, unordered);
  lua_settop(L, unordered);
}

/* Finds the first key after a place of a list that the table still has; returns its place, or 0. stack: +key, value; or
 * +nil */
static lua_Integer push_next(lua_State *L, int table, int list, lua_Integer place) {
  for (;;) {
    if (lua_rawgeti(L, list, ++place) == LUA_TNIL) return 0;
    lua_pushvalue(L, -1);
    if (lua_rawget(L, table) != LUA_TNIL) return place;
    lua_pop(L, 2);
  }
}

/* stack: table, key; upvalues: list of keys, place */
static int step(lua_State *L) {
  lua_Integer place = push_next(L, 1, lua_upvalueindex(1), lua_tointeger(L, lua_upvalueindex(2)));
  if (!place) return 1;
  lua_pushinteger(L, place);
  lua_replace(L, lua_upvalueindex(2));
  return 2;
}

static const char walks_key;

/* Pushes the keys of a table in order and their places by key, for `next`: those of the last walk through the table, or
 * new ones if `is_new` or if there was none. stack: +{list, places} */
static void push_walk(lua_State *L, int table, bool is_new) { /* raises */
  push_weak(L, &walks_key);
  lua_pushvalue(L, table);
  if (!is_new && lua_rawget(L, -2) != LUA_TNIL) {
    lua_replace(L, -2);
    return;
  }
  lua_pop(L, 1);
  push_keys(L, table);
  lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
  lua_createtable(L, 0, (int)count);
  for (lua_Integer i = 1; i <= count; i++) {
    lua_rawgeti(L, -2, i);
    lua_pushinteger(L, i);
    lua_rawset(L, -3);
  }
  lua_createtable(L, 2, 0);
  lua_rotate(L, -3, 1);
  lua_rawseti(L, -3, 2);
  lua_rawseti(L, -2, 1);
  lua_pushvalue(L, table);
  lua_pushvalue(L, -2);
  lua_rawset(L, -4);
  lua_replace(L, -2);
}

static int ordered_next(lua_State *L) { /* stack: table, key */
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  bool is_first = lua_isnil(L, 2);
  if (is_first) { /* usually to see whether the table is empty */
    lua_pushnil(L);
    if (!lua_next(L, 1)) return lua_pushnil(L), 1;
    lua_settop(L, 2);
  }
  lua_Integer place = 0;
  for (int attempt = 0; attempt < 2; attempt++) {
    push_walk(L, 1, is_first || attempt > 0);
    if (is_first) break;
    lua_rawgeti(L, -1, 2);
    lua_pushvalue(L, 2);
    lua_rawget(L, -2);
    place = lua_tointeger(L, -1);
    lua_pop(L, 2);
    if (place) break;
    if (attempt > 0) return luaL_error(L, "invalid key to 'next'");
    lua_pop(L, 1);
  }
  lua_rawgeti(L, -1, 1);
  return push_next(L, 1, lua_gettop(L), place) ? 2 : 1;
}

static int ordered_pairs(lua_State *L) { /* stack: table */
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_call(L, 1, 3);
    return 3;
  }
  lua_settop(L, 1);
  if (lua_istable(L, 1)) {
    push_keys(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, step, 2);
  } else {
    lua_pushcfunction(L, ordered_next); /* raises as the stock function does */
  }
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

void mw_open_simulated(lua_State *L) { /* stack: globals */
  static const luaL_Reg own[] = {
    {"next", ordered_next}, {"pairs", ordered_pairs}, {NULL, NULL},
  };
  luaL_setfuncs(L, own, 0);
  mw_count_functions(L);
}

void mw_start_simulation(mw_isolate *isolate) {
  isolate->number_of = number_of;
  lua_sethook(isolate->main, count_work, LUA_MASKCOUNT, STEP);
}
