/* A run enters Lua through here, and so do the compiler and whatever reads a script's values from outside: it may take
 * any time (Lua describes a function by searching the tables that it may be in) or overflow the C stack. The worker's
 * state is LUA meanwhile, so the thread can be evicted, and an overflow ends the isolate instead of the process. */
#include "guard.h"

#include "buffer.h"
#include "signals.h"
#include "traceback.h"
#include "worker.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MW_NO_POST_MORTEM 1
#endif
#endif

static const mw_limits unlimited = {0, INT64_MAX, INT64_MAX};

/* Enters Lua as a turn whose slice is over, so that the watchdog counts its processor time. */
static void enter_for_inspection(mw_isolate *isolate, mw_worker *worker, int64_t cpu) {
  isolate->stall.in_c = isolate->stall.in_lua = cpu;
  mw_worker_enter(worker, isolate, &unlimited);
}

/* Takes the traceback of a dead state, as far as possible: the state may be half changed, so reading it may fault, or
 * take long. The chain is lost with the part of the C stack that it was on. */
static void describe_dead(mw_isolate *isolate, mw_worker *worker) {
  isolate->traceback.count = 0;
#ifndef MW_NO_POST_MORTEM
  if (!isolate->current) return;
  if (sigsetjmp(worker->post_mortem, 1) == 0 && sigsetjmp(worker->entry, 1) == 0) {
    worker->in_post_mortem = 1;
    enter_for_inspection(isolate, worker, MW_INSPECTION_TIME);
    mw_append_traceback(isolate->current, 0, &isolate->traceback);
  }
  mw_worker_leave(worker);
  worker->in_post_mortem = 0;
#else
  (void)worker;
#endif
}

/* The thread jumped out of Lua. */
static void discard_state(mw_isolate *isolate, mw_worker *worker, int left) {
  mw_unblock_signals();
  isolate->dead = true;
  isolate->worker = NULL;
  isolate->deferred_request = NULL;
  isolate->end_cause = left == MW_LEFT_BY_OVERFLOW
                         ? MW_ENDED_BY_LIMITS
                         : (mw_end_cause)atomic_load_explicit(&worker->cause, memory_order_relaxed);
  isolate->result.count = 0;
  describe_dead(isolate, worker);
  mw_buffer_append_text(isolate, &isolate->result,
                        left == MW_LEFT_BY_OVERFLOW ? "the C stack overflowed" : "it could not be interrupted");
}

bool mw_guard(mw_isolate *isolate, mw_guarded body, void *context) {
  mw_worker *worker = mw_current_worker();
  int left = worker ? sigsetjmp(worker->entry, 0) : 0;
  if (left) {
    discard_state(isolate, worker, left);
    return false;
  }
  isolate->worker = worker;
  isolate->stack_base = (uintptr_t)__builtin_frame_address(0);
  body(isolate, context);
  isolate->worker = NULL;
  return true;
}

typedef struct {
  mw_guarded body;
  void *context;
  int64_t cpu;
} inspection;

static void enter_and_inspect(mw_isolate *isolate, void *context) {
  const inspection *inspection = context;
  mw_worker *worker = isolate->worker;
  if (worker) enter_for_inspection(isolate, worker, inspection->cpu);
  inspection->body(isolate, inspection->context);
  if (worker) mw_worker_leave(worker);
}

bool mw_inspect(mw_isolate *isolate, mw_guarded body, void *context, int64_t cpu) {
  inspection inspection = {body, context, cpu};
  bool is_alive = mw_guard(isolate, enter_and_inspect, &inspection);
  isolate->stall.in_c = isolate->config.stall_in_c;
  isolate->stall.in_lua = isolate->config.stall_in_lua;
  return is_alive;
}

int mw_is_dead(const mw_isolate *isolate) { return isolate->dead; }
