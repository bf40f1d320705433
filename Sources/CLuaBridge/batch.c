/* Runs that bring nothing, one after the other: most fires are such, and what surrounds a run would cost more than the run.
 * So would what surrounds a wait of theirs that is a length of time: it needs no call of the host, and many end together.
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

/* The run has left Lua: whether the next may follow. */
static inline bool note_end(mw_isolate *isolate, mw_coroutine index, int status, mw_outcome *outcome) {
  mw_batch *batch = &isolate->batch;
  bool naps = status == LUA_YIELD && batch->nap > 0 && !isolate->preempted;
  if (!naps && !is_plain_end(isolate, index, status)) {
    mw_end_turn(isolate, index, status, outcome);
    return false;
  }
  isolate->chain = NULL;
  isolate->current = NULL;
  isolate->running = 0;
  if (naps) {
    isolate->host_yield = false;
    isolate->slots[index].preempted = false;
    mw_set_flag(isolate->slots[index].state, MW_STATE_PARKED);
    batch->naps[batch->nap_count++] = (mw_nap){(uint32_t)batch->position, index, batch->nap};
  } else {
    mw_give_back(isolate, index, true);
  }
  return true;
}

/* Resumes under the isolate's limits. */
static inline bool resume(mw_isolate *isolate, mw_worker *worker, mw_coroutine index, int arguments,
                          mw_outcome *outcome) {
  mw_link link;
  int results = 0;
  isolate->batch.nap = 0;
  mw_begin_turn(isolate, index, &link);
  if (worker) mw_worker_enter(worker, isolate, &isolate->limits);
  int status = lua_resume(link.state, isolate->main, arguments, &results);
  if (worker) mw_worker_leave(worker);
  isolate->batch.plain = NULL;
  return note_end(isolate, index, status, outcome);
}

static inline bool start_next(mw_isolate *isolate, mw_worker *worker, const mw_plain *plain, mw_outcome *outcome) {
  mw_coroutine index = mw_acquire(isolate);
  if (!index) {
    mw_refuse_start(isolate, outcome);
    return false;
  }
  int arguments = mw_prepare(isolate, index, plain->callback, plain->id, plain->job_key);
  isolate->batch.plain = plain;
  isolate->limits.soft_at = later(isolate->batch.began, plain->soft);
  isolate->limits.evict_at = later(isolate->batch.began, plain->evict);
  return resume(isolate, worker, index, arguments, outcome);
}

static inline bool wake_next(mw_isolate *isolate, mw_worker *worker, const mw_wake *wake, mw_outcome *outcome) {
  if (!mw_clear_parked(isolate, wake->coroutine, outcome)) return false;
  isolate->limits.soft_at = wake->soft_at;
  isolate->limits.evict_at = wake->evict_at;
  return resume(isolate, worker, wake->coroutine, 0, outcome);
}

static inline int64_t time_now(mw_worker *worker) {
  return worker ? mw_meter_read(&worker->meter) : mw_monotonic_now();
}

static inline int64_t latest(int64_t a, int64_t b) { return a > b ? a : b; }

/* Runs that are started, or else that are woken. */
typedef struct {
  const mw_plain *runs;
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
    size_t place = batch->position, naps = batch->nap_count;
    if (!(all->runs ? start_next(isolate, worker, all->runs + place, all->outcome)
                    : wake_next(isolate, worker, all->wakes + place, all->outcome)))
      break;
    int64_t now = latest(batch->began, time_now(worker));
    batch->began = now;
    all->peaks[place] = isolate->heap.peak;
    all->ends[place] = batch->nap_count > naps ? -now : now;
    batch->position = place + 1;
    if (now >= slice_end) break;
  }
}

/* What is left of the batch's state lies in the isolate: a thread that is torn out does not keep the frames'. */
static size_t run_batch(mw_isolate *isolate, request all, int64_t slice_end) {
  isolate->message_count = 0;
  isolate->raise = false;
  isolate->limits.slice_end = slice_end;
  all.outcome->kind = MW_NONE;
  bool is_alive = mw_guard(isolate, run_all, &all);
  isolate->batch.plain = NULL;
  isolate->batch.naps = NULL;
  if (!is_alive) mw_end_turn(isolate, isolate->running, LUA_ERRRUN, all.outcome);
  return isolate->batch.position;
}

size_t mw_start_batch(mw_isolate *isolate, const mw_plain *runs, size_t count, int64_t now, int64_t slice_end,
                      int64_t wall_offset, int64_t *ends, mw_nap *naps, size_t *peaks, mw_outcome *outcome) {
  isolate->batch = (mw_batch){.began = now, .wall_offset = wall_offset, .naps = naps};
  return run_batch(isolate, (request){runs, NULL, count, ends, peaks, outcome}, slice_end);
}

size_t mw_wake_batch(mw_isolate *isolate, const mw_wake *wakes, size_t count, int64_t now, int64_t slice_end,
                     int64_t *ends, mw_nap *naps, size_t *peaks, mw_outcome *outcome) {
  isolate->batch = (mw_batch){.began = now, .naps = naps};
  return run_batch(isolate, (request){NULL, wakes, count, ends, peaks, outcome}, slice_end);
}

void mw_note_call(mw_isolate *isolate) { isolate->called = true; }

size_t mw_batch_naps(const mw_isolate *isolate) { return isolate->batch.nap_count; }

size_t mw_batch_position(const mw_isolate *isolate) { return isolate->batch.position; }

int64_t mw_batch_began(const mw_isolate *isolate) { return isolate->batch.began; }
