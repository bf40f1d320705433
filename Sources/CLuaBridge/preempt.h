/* The worker as the bridge knows it: see preempt.c. */
#ifndef MOONWHEEL_BRIDGE_PREEMPT_H
#define MOONWHEEL_BRIDGE_PREEMPT_H

#include <setjmp.h>
#include <stdatomic.h>
#include <time.h>

#include "internal.h"
#include "meter.h"

enum { MW_WORKER_OUT, MW_WORKER_LUA, MW_WORKER_PRESSED };
enum { MW_REQUEST_NONE, MW_REQUEST_SLICE, MW_REQUEST_INTERRUPT, MW_REQUEST_EVICT };
enum { MW_LEFT_BY_EVICTION = 1, MW_LEFT_BY_OVERFLOW = 2 };

/* What the presser has seen of the turn under way: see press.c. Nobody else looks at it. */
typedef struct {
  uint32_t epoch, refused_yields, interrupts; /* of the worker, when they were read last */
  int64_t interrupted_at;  /* CLOCK_MONOTONIC, at the first press that asked for the interrupt; 0 is none */
  int64_t interrupted_cpu; /* the thread's processor time then */
  int64_t cpu;             /* the thread's processor time at the last press */
  bool was_in_host;        /* the last press found it in the host */
  int64_t in_host;         /* processor time of host functions since the hook ran last */
  int64_t in_c;            /* processor time in Lua since the hook ran last */
  int64_t unyielding;      /* processor time since the first press, or the interrupt; that of host functions counts when
                            * the hook has found that the run cannot yield */
} mw_press_notes;

struct mw_worker {
  _Atomic int state;
  _Atomic int request;
  _Atomic int cause;   /* an mw_end_cause: why the interrupt or the eviction was asked for */
  _Atomic bool missed; /* a press found the worker in the host */
  _Atomic uint32_t epoch;      /* counts turns */
  _Atomic uint32_t refused_yields; /* counts hooks that ran where the run could not yield */
  _Atomic uint32_t interrupts; /* counts interrupts that were raised */
  _Atomic int64_t slice_end, soft_at, evict_at; /* CLOCK_MONOTONIC, ns */
  mw_press_notes notes;
  mw_isolate *isolate;
  mw_meter meter;
  sigjmp_buf entry, post_mortem;
  volatile sig_atomic_t in_post_mortem;
  int thread;
  clockid_t cpu_clock;               /* the thread's processor time */
  uintptr_t stack_low;               /* the lowest address of its stack */
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
int mw_signal_press(mw_worker *worker); /* 0, or an errno */
int mw_request_at(mw_worker *worker, int64_t now); /* by the limits of the turn */
int64_t mw_monotonic_now(void); /* CLOCK_MONOTONIC, in nanoseconds */

#endif
