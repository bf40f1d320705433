/* The worker as the bridge knows it: see preempt.c. */
#ifndef MOONWHEEL_BRIDGE_PREEMPT_H
#define MOONWHEEL_BRIDGE_PREEMPT_H

#include <setjmp.h>
#include <stdatomic.h>

#include "internal.h"
#include "meter.h"

enum { MW_WORKER_OUT, MW_WORKER_LUA, MW_WORKER_PRESSED };
enum { MW_REQUEST_NONE, MW_REQUEST_SLICE, MW_REQUEST_INTERRUPT, MW_REQUEST_EVICT };
enum { MW_LEFT_BY_EVICTION = 1, MW_LEFT_BY_OVERFLOW = 2 };

struct mw_worker {
  _Atomic int state;
  _Atomic int request;
  _Atomic bool missed; /* a press found the worker in the host */
  _Atomic int64_t slice_end, soft_at, evict_at; /* CLOCK_MONOTONIC, ns */
  _Atomic int64_t interrupted_at;               /* when the turn was first pressed to interrupt; 0 is not yet */
  mw_isolate *isolate;
  mw_meter meter;
  sigjmp_buf entry, post_mortem;
  volatile sig_atomic_t in_post_mortem;
  int thread;
  uintptr_t guard_start, guard_end;
  void *alternate_stack;
  stack_t previous_stack;
};

mw_worker *mw_current_worker(void);
void mw_worker_limit(mw_worker *worker, const mw_limits *limits);
void mw_worker_enter(mw_worker *worker, mw_isolate *isolate, const mw_limits *limits);
void mw_worker_leave(mw_worker *worker);
void mw_worker_return(mw_worker *worker);
void mw_unblock_press(void);
int64_t mw_monotonic_now(void); /* CLOCK_MONOTONIC, in nanoseconds */

#endif
