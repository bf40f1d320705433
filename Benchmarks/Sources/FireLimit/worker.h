/* A thread with its own Lua state, which runs the jobs that the timekeeper puts into its ring. */
#ifndef WORKER_H
#define WORKER_H

#include "wheel.h"

#include <lua5.4/lua.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

enum { RING_SIZE = 1 << 16, PARK_BATCH = 64 };

struct job {
  struct timer timer; /* used by the timekeeper */
  uint64_t period;    /* ticks; 0: once */
  struct worker *worker;
  int callback;  /* index in the registry of the worker's state */
  uint64_t due;  /* of the next run, in nanoseconds; used by the worker */
  uint64_t step; /* from one run to the next, in nanoseconds */
};

/* How the worker runs a callback. */
enum manner {
  REUSED_COROUTINE,
  FRESH_COROUTINE, /* it yields once, and continues after a batch of others has yielded */
};

struct worker {
  lua_State *L;
  enum manner manner;
  pthread_t thread;
  struct job **ring;

  /* Used by the timekeeper. */
  alignas(64) uint64_t staged; /* head that is not yet published */
  uint64_t freed;              /* tail, as last seen */
  bool waits;                   /* sleeps while it waits for the worker, instead of spinning */

  alignas(64) _Atomic uint64_t head;
  alignas(64) _Atomic uint64_t tail;
  _Atomic int sleeps;
  _Atomic bool stops;

  /* Used by the worker. */
  alignas(64) lua_State *coroutine;
  lua_State *parked; /* its stack holds the coroutines that have yielded */
  _Atomic uint64_t runs;
  _Atomic uint64_t last; /* when the last run ended, if lateness is kept */
  uint32_t *lateness;    /* of each run, in nanoseconds; NULL: not kept */
  size_t kept, room;
};

/* Makes a worker with a new state, and room for that many latenesses. */
struct worker *worker_create(enum manner manner, size_t room);
void worker_start(struct worker *worker);
/* Waits until all jobs in the ring have run. */
void worker_drain(struct worker *worker);
/* Ends the thread. The state lives until the process ends. */
void worker_stop(struct worker *worker);

/* Publishes the ring's head to the worker, and wakes it if it sleeps. */
void worker_publish(struct worker *worker);
/* Waits until the ring has room. */
void worker_make_room(struct worker *worker);

/* Publishes the ring's head only at every 64th job. */
static inline void worker_put(struct worker *worker, struct job *job) {
  if (worker->staged - worker->freed >= RING_SIZE) worker_make_room(worker);
  worker->ring[worker->staged++ & (RING_SIZE - 1)] = job;
  if ((worker->staged & 63) == 0) worker_publish(worker);
}

/* Runs a text that returns a factory of callbacks, and leaves that function on the state's stack. */
void worker_load(struct worker *worker, const char *text);
/* Makes a callback for a job; call `worker_load` before. */
void worker_make_callback(struct worker *worker, struct job *job);

#endif
