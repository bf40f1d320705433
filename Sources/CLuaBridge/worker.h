/* A thread whose turns can be preempted, shared by that thread and the watchdog. Calls no other file.
 *
 * The state word keeps signals out of the host. A request is made only while the word is LUA; it becomes SIGNALLED, and
 * the signal handler makes it LUA again. A thread that leaves Lua waits until the handler has run, which takes a
 * moment. So a preemption signal never interrupts a system call of the host.
 *
 *      OUT ──enter──► LUA ──request──► SIGNALLED
 *       ▲             │ ▲                 │
 *       └───leave─────┘ └─────handler─────┘
*/
#ifndef MOONWHEEL_BRIDGE_WORKER_H
#define MOONWHEEL_BRIDGE_WORKER_H

#include <sched.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <time.h>

#include "clock.h"
#include "state.h"

enum { MW_WORKER_OUT, MW_WORKER_LUA, MW_WORKER_SIGNALLED };
enum { MW_REQUEST_NONE, MW_REQUEST_SLICE, MW_REQUEST_INTERRUPT, MW_REQUEST_EVICT };
/* Values of a siglongjmp to `entry`. */
enum { MW_LEFT_BY_EVICTION = 1, MW_LEFT_BY_OVERFLOW = 2 };

/* The watchdog's record of the current turn. Only watchdog.c uses it. */
typedef struct {
  uint32_t epoch, refused_yields, interrupts; /* the worker's counts at the last reading */
  int64_t interrupted_at;  /* CLOCK_MONOTONIC at the first request of the interrupt; 0 is none */
  int64_t interrupted_cpu; /* the thread's processor time at that request */
  int64_t cpu;             /* the thread's processor time at the last request */
  bool was_in_host;        /* the last request found it in the host */
  int64_t in_host;         /* processor time in host functions since the hook last ran */
  int64_t in_c;            /* processor time in Lua and C since the hook last ran */
  /* Processor time since the first request, or the interrupt. Time in host functions is added when the hook finds that
   * the run cannot yield. */
  int64_t without_yield;
} mw_turn_observation;

struct mw_worker {
  _Atomic int state;
  _Atomic int request;
  _Atomic int cause;   /* an mw_end_cause, of a requested interrupt or eviction */
  _Atomic bool missed; /* a request found the worker in the host */
  _Atomic uint32_t epoch;          /* counts turns */
  _Atomic uint32_t refused_yields; /* counts hooks that ran where the run could not yield */
  _Atomic uint32_t interrupts;     /* counts interrupts that were raised */
  _Atomic int64_t slice_end, soft_at, evict_at; /* CLOCK_MONOTONIC, ns */
  mw_turn_observation observed;
  mw_isolate *isolate;
  mw_clock clock;
  sigjmp_buf entry;       /* where an evicted turn goes on: see guard.c */
  sigjmp_buf post_mortem; /* where a fault goes on while a dead state is read */
  volatile sig_atomic_t in_post_mortem;
  int thread;
  clockid_t cpu_clock; /* the thread's processor time */
  uintptr_t stack_low; /* the lowest usable address of its stack */
  uintptr_t guard_start, guard_end;
  void *alternate_stack;
  stack_t previous_stack;
};

/* Only the worker's own thread writes these counts. */
static inline void mw_count_up(_Atomic uint32_t *count) {
  atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* Begins a turn. */
static inline void mw_worker_set_limits(mw_worker *worker, const mw_limits *limits) {
  atomic_store_explicit(&worker->slice_end, limits->slice_end, memory_order_relaxed);
  atomic_store_explicit(&worker->soft_at, limits->soft_at, memory_order_relaxed);
  atomic_store_explicit(&worker->evict_at, limits->evict_at, memory_order_relaxed);
  mw_count_up(&worker->epoch);
}

/* Enters Lua. */
static inline void mw_worker_enter(mw_worker *worker, mw_isolate *isolate, const mw_limits *limits) {
  worker->isolate = isolate;
  mw_worker_set_limits(worker, limits);
  atomic_store_explicit(&worker->request, MW_REQUEST_NONE, memory_order_relaxed);
  atomic_store_explicit(&worker->missed, false, memory_order_relaxed);
  atomic_store_explicit(&worker->state, MW_WORKER_LUA, memory_order_release);
}

/* How often a worker looks whether the signal has arrived before it lets other threads run: the watchdog may have lost
 * its processor before it could send it. */
enum { MW_LOOKS_BEFORE_YIELD = 1000 };

/* Leaves Lua, after a signal that is on its way has arrived. */
static inline void mw_worker_leave(mw_worker *worker) {
  int expected = MW_WORKER_LUA, looks = 0;
  while (!atomic_compare_exchange_weak_explicit(&worker->state, &expected, MW_WORKER_OUT, memory_order_acq_rel,
                                                memory_order_acquire)) {
    if (expected == MW_WORKER_OUT) return;
    expected = MW_WORKER_LUA;
    if (++looks >= MW_LOOKS_BEFORE_YIELD) sched_yield();
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
}

/* The request that the limits of the turn ask for at a time. */
static inline int mw_request_by_limits(mw_worker *worker, int64_t now) {
  int64_t slice_end = atomic_load_explicit(&worker->slice_end, memory_order_relaxed);
  int64_t soft_at = atomic_load_explicit(&worker->soft_at, memory_order_relaxed);
  int64_t evict_at = atomic_load_explicit(&worker->evict_at, memory_order_relaxed);
  return now >= evict_at    ? MW_REQUEST_EVICT
         : now >= soft_at   ? MW_REQUEST_INTERRUPT
         : now >= slice_end ? MW_REQUEST_SLICE
                            : MW_REQUEST_NONE;
}

/* Whether so much of the C stack is left. */
static inline bool mw_has_c_stack(const mw_isolate *isolate, size_t bytes) {
  return !isolate->worker || (uintptr_t)__builtin_frame_address(0) - isolate->worker->stack_low > bytes;
}

#endif
