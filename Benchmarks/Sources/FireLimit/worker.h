/* A thread with a Lua state of its own, which runs what the timekeeper puts into its ring. */
#ifndef WORKER_H
#define WORKER_H

#include "wheel.h"

#include <lua5.4/lua.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

enum { RING_SIZE = 1 << 16, PARK_BATCH = 64 };

struct job {
  struct timer timer; /* the timekeeper's */
  uint64_t period;    /* ticks; 0 is once */
  struct worker *worker;
  int callback;  /* place in the registry of the worker's state */
  uint64_t due;  /* of the next run, in nanoseconds; the worker's */
  uint64_t step; /* from one run to the next, in nanoseconds */
};

/* How a callback is run. */
enum manner {
  REUSED_COROUTINE,
  FRESH_COROUTINE, /* which yields once, and goes on when a batch of others has yielded too */
};

struct worker {
  lua_State *L;
  enum manner manner;
  pthread_t thread;
  struct job **ring;

  /* The timekeeper's. */
  alignas(64) uint64_t staged; /* head that is not published yet */
  uint64_t freed;              /* tail, as it was seen last */
  bool naps;                   /* waits for the worker asleep, rather than looking again and again */

  alignas(64) _Atomic uint64_t head;
  alignas(64) _Atomic uint64_t tail;
  _Atomic int sleeps;
  _Atomic bool stops;

  /* The worker's. */
  alignas(64) lua_State *coroutine;
  lua_State *parked; /* its stack holds the coroutines that have yielded */
  _Atomic uint64_t runs;
  _Atomic uint64_t last; /* when a run ended last, where lateness is kept */
  uint32_t *lateness;    /* of each run, in nanoseconds; NULL keeps none */
  size_t kept, room;
};

/* Makes a worker with a new state, with room for that many figures of lateness. */
struct worker *worker_create(enum manner manner, size_t room);
void worker_start(struct worker *worker);
/* Waits until all that was put into the ring has run. */
void worker_drain(struct worker *worker);
/* Ends the thread. The state is left to the end of the process. */
void worker_stop(struct worker *worker);

/* Shows the worker what was put into its ring, and wakes it if it sleeps. */
void worker_publish(struct worker *worker);
/* Waits until the ring has room. */
void worker_make_room(struct worker *worker);

/* Leaves the ring's new head unpublished, but for every 64th. */
static inline void worker_put(struct worker *worker, struct job *job) {
  if (worker->staged - worker->freed >= RING_SIZE) worker_make_room(worker);
  worker->ring[worker->staged++ & (RING_SIZE - 1)] = job;
  if ((worker->staged & 63) == 0) worker_publish(worker);
}

/* Runs a text that returns a function which makes callbacks, and leaves that function on the state's stack. */
void worker_load(struct worker *worker, const char *text);
/* Makes a callback for a job; with `worker_load` before. */
void worker_make_callback(struct worker *worker, struct job *job);

#endif
