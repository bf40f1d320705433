/* Runs that bring nothing, one after the other: most fires are such, and what surrounds a run would cost more than the run.
 *
 * Each run has its own turn, with its own limits, as by mw_start: only the way in (the jump buffer, the clock) is shared,
 * since the end of one run is the start of the next. */
#include "internal.h"
#include "preempt.h"

/* Whether a run left nothing to be told: neither a result nor a trace in the host. */
static bool is_plain_end(const mw_isolate *isolate, mw_coroutine index, int status) {
  return status == LUA_OK && isolate->result.count == 0 && !isolate->called && !isolate->failed && !isolate->cancelled &&
         !isolate->declined && !isolate->slots[index].interrupted;
}

static int64_t later(int64_t time, int64_t span) {
  int64_t sum;
  return __builtin_add_overflow(time, span, &sum) ? INT64_MAX : sum;
}

/* Whether the next run of the batch may follow. */
static bool run_next(mw_isolate *isolate, mw_worker *worker, const mw_plain *plain, int64_t slice_end,
                     mw_outcome *outcome) {
  mw_coroutine index = mw_acquire(isolate);
  if (!index) {
    mw_refuse_start(isolate, outcome);
    return false;
  }
  mw_link link;
  int results = 0;
  mw_make_known(isolate, plain->callback);
  int arguments = mw_prepare(isolate, index, plain->callback);
  isolate->batch.plain = plain;
  mw_begin_turn(isolate, index, &link);
  isolate->limits = (mw_limits){
    .slice_end = slice_end,
    .soft_at = later(isolate->batch.began, plain->soft),
    .evict_at = later(isolate->batch.began, plain->evict),
  };
  if (worker) mw_worker_enter(worker, isolate, &isolate->limits);
  int status = lua_resume(link.state, isolate->main, arguments, &results);
  if (worker) mw_worker_leave(worker);
  isolate->batch.plain = NULL;
  if (!is_plain_end(isolate, index, status)) {
    mw_end_turn(isolate, index, status, outcome);
    return false;
  }
  isolate->chain = NULL;
  isolate->current = NULL;
  isolate->running = 0;
  mw_give_back(isolate, index, true);
  return true;
}

size_t mw_start_batch(mw_isolate *isolate, const mw_plain *runs, size_t count, int64_t now, int64_t slice_end,
                      int64_t wall_offset, int64_t *ends, mw_outcome *outcome) {
  mw_worker *worker = mw_current_worker();
  isolate->batch = (mw_batch){.began = now, .wall_offset = wall_offset, .slice_end = slice_end};
  isolate->message_count = 0;
  isolate->worker = worker;
  isolate->stack_base = (uintptr_t)__builtin_frame_address(0);
  int left = worker ? sigsetjmp(worker->entry, 0) : 0;
  if (left) { /* what is left of the batch's state lies in the isolate: a jump does not keep this frame's */
    mw_bury(isolate, worker, left);
    isolate->batch.plain = NULL;
    mw_end_turn(isolate, isolate->running, LUA_ERRRUN, outcome);
    return isolate->batch.position;
  }
  outcome->kind = MW_NONE;
  while (isolate->batch.position < count) {
    if (!run_next(isolate, worker, runs + isolate->batch.position, slice_end, outcome)) break;
    isolate->batch.began = ends[isolate->batch.position++] = mw_monotonic_now();
    if (isolate->batch.began >= slice_end) break;
  }
  isolate->worker = NULL;
  return isolate->batch.position;
}

size_t mw_batch_position(const mw_isolate *isolate) { return isolate->batch.position; }

int64_t mw_batch_began(const mw_isolate *isolate) { return isolate->batch.began; }
