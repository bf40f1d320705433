/* The one way to what a script made: entering it in a run, compiling it, or looking at it from outside.
 *
 * Whatever depends on the script's own data may take as long as it likes (Lua describes a function by searching what was
 * called with it), or overflow the C stack. So it happens between `guard` and the return of its body, and with the worker's
 * state in Lua: then it can be torn out like a run, and an overflow ends the isolate and not the process. */
#include "internal.h"
#include "preempt.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MW_NO_POST_MORTEM 1
#endif
#endif

static const mw_limits unlimited = {0, INT64_MAX, INT64_MAX};

/* As for a run whose slice is over: the presser counts the processor time. */
static void enter_for_look(mw_isolate *isolate, mw_worker *worker, int64_t cpu) {
  isolate->stall.in_c = isolate->stall.unyielding = cpu;
  mw_worker_enter(worker, isolate, &unlimited);
}

/* Where a dead state was. It may have been left half-way through a change of its stack, so a fault while it is read is
 * caught, and so is a look that takes long; what was found so far is kept. The chain itself lay on the C stack that is gone. */
static void describe_dead(mw_isolate *isolate, mw_worker *worker) {
  isolate->traceback.count = 0;
#ifndef MW_NO_POST_MORTEM
  if (!isolate->current) return;
  if (sigsetjmp(worker->post_mortem, 1) == 0 && sigsetjmp(worker->entry, 1) == 0) {
    worker->in_post_mortem = 1;
    enter_for_look(isolate, worker, MW_LOOK_TIME);
    mw_append_traceback(isolate->current, 0, &isolate->traceback);
  }
  mw_worker_leave(worker);
  worker->in_post_mortem = 0;
#else
  (void)worker;
#endif
}

/* The thread was torn out of Lua: the isolate is dead. */
static void discard_state(mw_isolate *isolate, mw_worker *worker, int left) {
  mw_unblock_press();
  isolate->dead = true;
  isolate->worker = NULL;
  isolate->press_waits = 0;
  isolate->end_cause = left == MW_LEFT_BY_OVERFLOW
                         ? MW_ENDED_BY_LIMITS
                         : (mw_end_cause)atomic_load_explicit(&worker->cause, memory_order_relaxed);
  isolate->result.count = 0;
  describe_dead(isolate, worker);
  mw_append_text(isolate, &isolate->result,
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
  mw_guarded look;
  void *context;
  int64_t cpu;
} look_request;

static void enter_and_look(mw_isolate *isolate, void *context) {
  const look_request *request = context;
  mw_worker *worker = isolate->worker;
  if (worker) enter_for_look(isolate, worker, request->cpu);
  request->look(isolate, request->context);
  if (worker) mw_worker_leave(worker);
}

bool mw_look(mw_isolate *isolate, mw_guarded look, void *context, int64_t cpu) {
  look_request request = {look, context, cpu};
  bool is_alive = mw_guard(isolate, enter_and_look, &request);
  isolate->stall.in_c = isolate->config.stall_in_c;
  isolate->stall.unyielding = isolate->config.stall;
  return is_alive;
}

int mw_is_dead(const mw_isolate *isolate) { return isolate->dead; }
