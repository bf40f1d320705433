#include "worker.h"

#include "clocks.h"

#include <linux/futex.h>
#include <lua5.4/lauxlib.h>
#include <lua5.4/lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void futex(_Atomic int *word, int operation, int value) {
  syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static void fail(const char *what, lua_State *L) {
  fprintf(stderr, "FireLimit: %s: %s\n", what, L ? lua_tostring(L, -1) : "no memory");
  exit(1);
}

/* now() of Lua, in seconds. */
static int lua_now(lua_State *L) {
  lua_pushnumber(L, (double)monotonic_time() / SECOND);
  return 1;
}

static int lua_yield_once(lua_State *L) { return lua_yield(L, 0); }

struct worker *worker_create(enum manner manner, size_t room) {
  struct worker *worker = aligned_alloc(64, sizeof *worker);
  if (!worker) fail("worker", NULL);
  *worker = (struct worker){.manner = manner, .room = room};
  worker->ring = malloc(RING_SIZE * sizeof *worker->ring);
  if (!worker->ring) fail("ring", NULL);
  lua_State *L = worker->L = luaL_newstate();
  if (!L) fail("worker", NULL);
  luaL_openlibs(L);
  lua_register(L, "now", lua_now);
  lua_register(L, "pause", lua_yield_once);
  worker->coroutine = lua_newthread(L);
  luaL_ref(L, LUA_REGISTRYINDEX);
  worker->parked = lua_newthread(L);
  luaL_ref(L, LUA_REGISTRYINDEX);
  if (room) worker->lateness = malloc(room * sizeof *worker->lateness);
  return worker;
}

void worker_load(struct worker *worker, const char *text) {
  if (luaL_loadstring(worker->L, text) || lua_pcall(worker->L, 0, 1, 0)) fail("script", worker->L);
}

void worker_make_callback(struct worker *worker, struct job *job) {
  lua_State *L = worker->L;
  lua_pushvalue(L, -1);
  if (lua_pcall(L, 0, 1, 0)) fail("callback", L);
  job->callback = luaL_ref(L, LUA_REGISTRYINDEX);
  job->worker = worker;
}

static void note_lateness(struct worker *worker, const struct job *job) {
  uint64_t now = monotonic_time();
  uint64_t late = now > job->due ? now - job->due : 0;
  if (worker->kept < worker->room) worker->lateness[worker->kept++] = late < UINT32_MAX ? (uint32_t)late : UINT32_MAX;
}

static void resume(struct worker *worker, lua_State *coroutine, int expected) {
  int results;
  if (lua_resume(coroutine, worker->L, 0, &results) != expected) fail("run", coroutine);
  lua_pop(coroutine, results);
}

static void run(struct worker *worker, struct job *job) {
  if (worker->lateness) note_lateness(worker, job);
  job->due += job->step;
  if (worker->manner == REUSED_COROUTINE) {
    lua_rawgeti(worker->coroutine, LUA_REGISTRYINDEX, job->callback);
    resume(worker, worker->coroutine, LUA_OK);
    return;
  }
  luaL_checkstack(worker->parked, 1, "parked coroutines");
  lua_State *coroutine = lua_newthread(worker->parked);
  lua_rawgeti(coroutine, LUA_REGISTRYINDEX, job->callback);
  resume(worker, coroutine, LUA_YIELD);
}

/* Resumes the coroutines that have yielded; they run to their ends. */
static void resume_parked(struct worker *worker) {
  int count = lua_gettop(worker->parked);
  for (int place = 1; place <= count; place++) resume(worker, lua_tothread(worker->parked, place), LUA_OK);
  lua_settop(worker->parked, 0);
}

/* Returns the new head, or the old one when the worker is to stop. */
static uint64_t await(struct worker *worker, uint64_t head) {
  for (int tries = 0;; tries++) {
    uint64_t now = atomic_load_explicit(&worker->head, memory_order_acquire);
    if (now != head) return now;
    if (tries < 100) {
      __builtin_ia32_pause();
      continue;
    }
    atomic_store(&worker->sleeps, 1);
    if (atomic_load(&worker->head) == head) {
      if (atomic_load(&worker->stops)) return head;
      futex(&worker->sleeps, FUTEX_WAIT, 1);
    }
    atomic_store(&worker->sleeps, 0);
  }
}

static void *work(void *context) {
  struct worker *worker = context;
  uint64_t tail = 0, head;
  prctl(PR_SET_TIMERSLACK, 1L);
  while ((head = await(worker, tail)) != tail) {
    if (worker->manner == FRESH_COROUTINE && head - tail > PARK_BATCH) head = tail + PARK_BATCH;
    uint64_t count = head - tail;
    resume_parked(worker);
    while (tail < head) run(worker, worker->ring[tail++ & (RING_SIZE - 1)]);
    if (worker->lateness) atomic_store_explicit(&worker->last, monotonic_time(), memory_order_relaxed);
    atomic_fetch_add_explicit(&worker->runs, count, memory_order_relaxed);
    atomic_store_explicit(&worker->tail, tail, memory_order_release);
  }
  resume_parked(worker);
  return NULL;
}

void worker_start(struct worker *worker) {
  if (pthread_create(&worker->thread, NULL, work, worker)) fail("thread", NULL);
}

void worker_publish(struct worker *worker) {
  if (worker->staged == atomic_load_explicit(&worker->head, memory_order_relaxed)) return;
  atomic_store(&worker->head, worker->staged);
  if (atomic_load(&worker->sleeps) && atomic_exchange(&worker->sleeps, 0)) futex(&worker->sleeps, FUTEX_WAKE, 1);
}

static void look_away(const struct worker *worker) {
  if (worker->waits) {
    sleep_until(monotonic_time() + 100 * MICROSECOND);
  } else {
    __builtin_ia32_pause();
  }
}

void worker_make_room(struct worker *worker) {
  for (;;) {
    worker->freed = atomic_load_explicit(&worker->tail, memory_order_acquire);
    if (worker->staged - worker->freed < RING_SIZE) return;
    worker_publish(worker);
    look_away(worker);
  }
}

void worker_drain(struct worker *worker) {
  worker_publish(worker);
  while (atomic_load_explicit(&worker->tail, memory_order_acquire) != worker->staged) look_away(worker);
}

void worker_stop(struct worker *worker) {
  atomic_store(&worker->stops, true);
  if (atomic_exchange(&worker->sleeps, 0)) futex(&worker->sleeps, FUTEX_WAKE, 1);
  pthread_join(worker->thread, NULL);
}
