/* Turns of runs, one after the other, until one needs the host: for an empty callback, entering and leaving the bridge
 * costs more than the call. Measured with batches of one: jobs that are always due cost 5 to 7 times as much, a burst 4
 * times, runs that sleep 4 times. Stands on clock, coroutine_pool, guard, run, simulated and worker.
 *
 * Each turn has limits of its own. The turns share the jump buffer, and the clock: the end of one is the start of the
 * next. */
#include "clock.h"
#include "coroutine_pool.h"
#include "guard.h"
#include "run.h"
#include "simulated.h"
#include "worker.h"

/* Whether a run ended without a result and without anything that the host must hear of. */
static bool ended_silently(const mw_isolate *isolate, mw_coroutine index, int status) {
  return status == LUA_OK && isolate->result.count == 0 && isolate->state.count == 0 && !isolate->is_observed &&
         !isolate->failed && !isolate->cancelled && !isolate->declined && !isolate->slots[index].interrupted;
}

static int64_t later(int64_t time, int64_t span) {
  int64_t sum;
  return __builtin_add_overflow(time, span, &sum) ? INT64_MAX : sum;
}

/* Ends the turn of a run that has left Lua. False if the batch must stop. */
static inline bool end_turn(mw_isolate *isolate, mw_coroutine index, int status, mw_turn_end *end, mw_outcome *outcome) {
  bool waits = status == LUA_YIELD && isolate->wait_length > 0 && !isolate->preempted && !isolate->is_observed;
  if (!waits && !ended_silently(isolate, index, status)) {
    mw_end_turn(isolate, index, status, outcome);
    return false;
  }
  isolate->chain = NULL;
  isolate->current = NULL;
  isolate->running = 0;
  end->waits = waits ? index : 0;
  if (waits) {
    end->length = isolate->wait_length;
    isolate->host_yield = false;
    isolate->slots[index].preempted = false;
    mw_set_flag(isolate->slots[index].state, MW_STATE_PARKED);
  } else {
    mw_release_coroutine(isolate, index, true);
  }
  return true;
}

static inline void set_limits(mw_isolate *isolate, mw_coroutine index, const mw_turn *turn) {
  const mw_batch *batch = isolate->batch;
  if (isolate->config.simulated) {
    mw_limit_work(isolate, index, batch->work, turn->soft, turn->evict);
    return;
  }
  bool starts = turn->kind == MW_START || turn->kind == MW_CALL;
  int64_t from = batch->now + (starts ? isolate->passed : 0);
  isolate->limits = (mw_limits){batch->slice_end, later(from, turn->soft), later(from, turn->evict)};
}

/* Gives a run its turn. False if the batch must stop. */
static inline bool take_turn(mw_isolate *isolate, const mw_turn *turn, mw_turn_end *end, mw_outcome *outcome) {
  mw_worker *worker = isolate->worker;
  int arguments, results = 0;
  mw_coroutine index = mw_prepare_turn(isolate, turn, &arguments, outcome);
  if (!index) return false;
  set_limits(isolate, index, turn);
  mw_link link;
  mw_begin_turn(isolate, index, &link);
  if (worker) mw_worker_enter(worker, isolate, &isolate->limits);
  int status = lua_resume(link.state, isolate->main, arguments, &results);
  if (worker) mw_worker_leave(worker);
  if (isolate->config.simulated) mw_count_real_time(isolate, index);
  return end_turn(isolate, index, status, end, outcome);
}

/* Measures the turn that has ended: by the clock, or in a simulated isolate by its work. */
static inline void measure(mw_isolate *isolate, mw_turn_end *end) {
  end->peak = isolate->heap.peak;
  if (isolate->config.simulated) {
    end->used = isolate->work.done - isolate->work.begun;
    isolate->work.begun = isolate->work.done;
    return;
  }
  mw_worker *worker = isolate->worker;
  int64_t passed = (worker ? mw_clock_read(&worker->clock) : mw_monotonic_now()) - isolate->batch->now;
  end->used = passed > isolate->passed ? passed - isolate->passed : 0;
  isolate->passed += end->used;
}

static void run_all(mw_isolate *isolate, void *context) {
  mw_outcome *outcome = context;
  const mw_batch *batch = isolate->batch;
  while (isolate->position < batch->count) {
    size_t position = isolate->position;
    bool goes_on = take_turn(isolate, batch->turns + position, batch->ends + position, outcome);
    measure(isolate, batch->ends + position);
    if (!goes_on) break;
    isolate->position = position + 1;
    if (batch->now + isolate->passed >= batch->slice_end) break;
  }
}

/* Keeps the batch's progress in the isolate, since an eviction leaves the frames of the thread by a jump. */
size_t mw_run_batch(mw_isolate *isolate, const mw_batch *batch, mw_outcome *outcome) {
  isolate->batch = batch;
  isolate->position = 0;
  isolate->passed = 0;
  isolate->work.begun = isolate->work.done;
  outcome->kind = MW_NONE;
  if (!mw_guard(isolate, run_all, outcome)) {
    mw_end_turn(isolate, isolate->running, LUA_ERRRUN, outcome);
    measure(isolate, batch->ends + isolate->position);
  }
  isolate->batch = NULL;
  isolate->raises_interrupt = false;
  return isolate->position;
}

void mw_mark_observed(mw_isolate *isolate) { isolate->is_observed = true; }

size_t mw_batch_position(const mw_isolate *isolate) { return isolate->position; }

int64_t mw_batch_passed(const mw_isolate *isolate) { return isolate->passed; }
