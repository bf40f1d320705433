/* Runs that take no message and report nothing, back to back: for an empty callback, entering and leaving the bridge
 * costs more than the call. A timed wait costs no call of the host either, and many waits end together. Stands on
 * clock, coroutine_pool, guard, run and worker.
 *
 * Each run has limits of its own, as in mw_start. The runs share the jump buffer, and the clock:
 * the end of one run is the start of the next. */
#include "clock.h"
#include "coroutine_pool.h"
#include "guard.h"
#include "run.h"
#include "worker.h"

/* Whether a run ended without a result and without anything that the host must hear of. */
static bool ended_silently(const mw_isolate *isolate, mw_coroutine index, int status) {
  return status == LUA_OK && isolate->result.count == 0 && !isolate->is_observed && !isolate->failed &&
         !isolate->cancelled && !isolate->declined && !isolate->slots[index].interrupted;
}

static int64_t later(int64_t time, int64_t span) {
  int64_t sum;
  return __builtin_add_overflow(time, span, &sum) ? INT64_MAX : sum;
}

/* Ends the turn of a run that has left Lua. False if the batch must stop. */
static inline bool end_turn(mw_isolate *isolate, mw_coroutine index, int status, mw_outcome *outcome) {
  mw_batch *batch = &isolate->batch;
  bool waits = status == LUA_YIELD && batch->wait_length > 0 && !isolate->preempted;
  if (!waits && !ended_silently(isolate, index, status)) {
    mw_end_turn(isolate, index, status, outcome);
    return false;
  }
  isolate->chain = NULL;
  isolate->current = NULL;
  isolate->running = 0;
  if (waits) {
    isolate->host_yield = false;
    isolate->slots[index].preempted = false;
    mw_set_flag(isolate->slots[index].state, MW_STATE_PARKED);
    batch->waits[batch->wait_count++] = (mw_timed_wait){(uint32_t)batch->position, index, batch->wait_length};
  } else {
    mw_release_coroutine(isolate, index, true);
  }
  return true;
}

/* Resumes a coroutine under the isolate's limits. False if the batch must stop. */
static inline bool resume(mw_isolate *isolate, mw_worker *worker, mw_coroutine index, int arguments,
                          mw_outcome *outcome) {
  mw_link link;
  int results = 0;
  isolate->batch.wait_length = 0;
  mw_begin_turn(isolate, index, &link);
  if (worker) mw_worker_enter(worker, isolate, &isolate->limits);
  int status = lua_resume(link.state, isolate->main, arguments, &results);
  if (worker) mw_worker_leave(worker);
  isolate->batch.run = NULL;
  return end_turn(isolate, index, status, outcome);
}

static inline bool start_next(mw_isolate *isolate, mw_worker *worker, const mw_batch_run *run, mw_outcome *outcome) {
  mw_coroutine index = mw_acquire_coroutine(isolate);
  if (!index) {
    mw_refuse_start(isolate, outcome);
    return false;
  }
  int arguments = mw_prepare_coroutine(isolate, index, run->callback, run->id, run->job_key);
  isolate->batch.run = run;
  isolate->limits.soft_at = later(isolate->batch.began, run->soft);
  isolate->limits.evict_at = later(isolate->batch.began, run->evict);
  return resume(isolate, worker, index, arguments, outcome);
}

static inline bool wake_next(mw_isolate *isolate, mw_worker *worker, const mw_wake *wake, mw_outcome *outcome) {
  if (!mw_unpark(isolate, wake->coroutine, outcome)) return false;
  isolate->limits.soft_at = wake->soft_at;
  isolate->limits.evict_at = wake->evict_at;
  return resume(isolate, worker, wake->coroutine, 0, outcome);
}

static inline int64_t time_now(mw_worker *worker) {
  return worker ? mw_clock_read(&worker->clock) : mw_monotonic_now();
}

static inline int64_t latest(int64_t a, int64_t b) { return a > b ? a : b; }

/* The arguments of mw_start_batch or mw_wake_batch; one of `runs` and `wakes` is NULL. */
typedef struct {
  const mw_batch_run *runs;
  const mw_wake *wakes;
  size_t count;
  int64_t *ends;
  size_t *peaks;
  mw_outcome *outcome;
} request;

static void run_all(mw_isolate *isolate, void *context) {
  const request *all = context;
  mw_worker *worker = isolate->worker;
  mw_batch *batch = &isolate->batch;
  int64_t slice_end = isolate->limits.slice_end;
  while (batch->position < all->count) {
    size_t position = batch->position, waits = batch->wait_count;
    if (!(all->runs ? start_next(isolate, worker, all->runs + position, all->outcome)
                    : wake_next(isolate, worker, all->wakes + position, all->outcome)))
      break;
    int64_t now = latest(batch->began, time_now(worker));
    batch->began = now;
    all->peaks[position] = isolate->heap.peak;
    all->ends[position] = batch->wait_count > waits ? -now : now;
    batch->position = position + 1;
    if (now >= slice_end) break;
  }
}

/* Keeps the batch's progress in the isolate, since an eviction leaves the frames of the thread by a jump. */
static size_t run_batch(mw_isolate *isolate, request all, int64_t slice_end) {
  isolate->message_count = 0;
  isolate->raise = false;
  isolate->limits.slice_end = slice_end;
  all.outcome->kind = MW_NONE;
  bool is_alive = mw_guard(isolate, run_all, &all);
  isolate->batch.run = NULL;
  isolate->batch.waits = NULL;
  if (!is_alive) mw_end_turn(isolate, isolate->running, LUA_ERRRUN, all.outcome);
  return isolate->batch.position;
}

size_t mw_start_batch(mw_isolate *isolate, const mw_batch_run *runs, size_t count, int64_t now, int64_t slice_end,
                      int64_t wall_offset, int64_t *ends, mw_timed_wait *waits, size_t *peaks, mw_outcome *outcome) {
  isolate->batch = (mw_batch){.began = now, .wall_offset = wall_offset, .waits = waits};
  return run_batch(isolate, (request){runs, NULL, count, ends, peaks, outcome}, slice_end);
}

size_t mw_wake_batch(mw_isolate *isolate, const mw_wake *wakes, size_t count, int64_t now, int64_t slice_end,
                     int64_t *ends, mw_timed_wait *waits, size_t *peaks, mw_outcome *outcome) {
  isolate->batch = (mw_batch){.began = now, .waits = waits};
  return run_batch(isolate, (request){NULL, wakes, count, ends, peaks, outcome}, slice_end);
}

void mw_mark_observed(mw_isolate *isolate) { isolate->is_observed = true; }

size_t mw_batch_timed_waits(const mw_isolate *isolate) { return isolate->batch.wait_count; }

size_t mw_batch_position(const mw_isolate *isolate) { return isolate->batch.position; }

int64_t mw_batch_began(const mw_isolate *isolate) { return isolate->batch.began; }
