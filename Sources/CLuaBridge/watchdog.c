/* Decides, on the watchdog's thread, what to request of a turn that is older than its slice. The watchdog calls it
 * again and again until the turn has ended. preempt.c does what was requested. Stands on signals and worker.
 *
 * While the worker's state is SIGNALLED its thread cannot leave Lua, so the isolate and the current run cannot change.
 * All decisions are made then.
 *
 * Besides its limits, two things end a run:
 *
 *   a cancellation   The host says that the run is cancelled. The interrupt is requested at once.
 *   the stall limit  The run has not yielded after the end of its slice, since it is in a C function. The interrupt is
 *                    requested when that has taken a certain processor time. More time is allowed where the C function
 *                    calls Lua (a comparator of table.sort), since the hook can raise the interrupt there at any time.
 *
 * Processor time is added up between requests. If the interrupt is not raised, because no instruction of Lua runs, the
 * eviction is requested. */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <time.h>

#include "signals.h"
#include "worker.h"

/* How long the interrupt may take before the eviction is requested: both of real time and of processor time. A thread
 * that had no processor for long may be past all its limits at the first request. It is interrupted first, since an
 * eviction would end the script's other runs too. A cancelled run has 100 ms to be dropped, as at its limits, and 50 ms
 * more. */
static const int64_t interrupt_time = 20000000, cancelled_time = 150000000, interrupt_cpu = 5000000;

/* How long a cancelled run may be stuck in C after the interrupt, in processor time. */
static const int64_t cancelled_stall = 100000000;

static int64_t processor_time(const mw_worker *worker) {
  struct timespec time;
  if (clock_gettime(worker->cpu_clock, &time) != 0) return 0;
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Updates the observation of the turn. Time in a host function counts only if the run could not yield after it. */
static void observe(mw_worker *worker, bool is_in_host) {
  mw_turn_observation *observed = &worker->observed;
  uint32_t epoch = atomic_load_explicit(&worker->epoch, memory_order_relaxed);
  uint32_t refused_yields = atomic_load_explicit(&worker->refused_yields, memory_order_relaxed);
  uint32_t interrupts = atomic_load_explicit(&worker->interrupts, memory_order_relaxed);
  int64_t cpu = processor_time(worker), used = cpu - observed->cpu;
  if (observed->epoch != epoch) {
    *observed = (mw_turn_observation){.epoch = epoch, .refused_yields = refused_yields, .interrupts = interrupts};
  } else if (is_in_host || observed->was_in_host) {
    observed->in_host += used;
  } else {
    observed->in_c += used;
    observed->without_yield += used;
  }
  if (observed->refused_yields != refused_yields) {
    observed->without_yield += observed->in_host;
    observed->in_host = observed->in_c = 0;
  }
  if (observed->interrupts != interrupts) observed->in_host = observed->in_c = observed->without_yield = 0;
  observed->refused_yields = refused_yields;
  observed->interrupts = interrupts;
  observed->cpu = cpu;
  observed->was_in_host = is_in_host;
}

static bool is_cancelled(const mw_isolate *isolate) {
  if (!isolate->running || !isolate->config.is_cancelled) return false;
  const mw_slot *slot = &isolate->slots[isolate->running];
  return isolate->config.is_cancelled(isolate->config.host, slot->job_key, slot->run);
}

/* Why the turn must end before its limits; MW_ENDED_BY_LIMITS if it need not. */
static mw_end_cause early_cause(const mw_worker *worker) {
  const mw_turn_observation *observed = &worker->observed;
  const mw_isolate *isolate = worker->isolate;
  if (is_cancelled(isolate)) {
    bool was_interrupted = isolate->slots[isolate->running].interrupted;
    if (!was_interrupted || observed->without_yield >= cancelled_stall) return MW_ENDED_BY_CANCELLATION;
  }
  if (observed->in_c >= isolate->stall.in_c) return MW_STUCK_IN_C;
  return observed->without_yield >= isolate->stall.in_lua ? MW_STUCK_IN_LUA : MW_ENDED_BY_LIMITS;
}

/* Whether an interrupt was requested and has not been raised in time. */
static bool is_overdue(const mw_turn_observation *observed, int64_t now, mw_end_cause cause) {
  int64_t time = cause == MW_ENDED_BY_CANCELLATION ? cancelled_time : interrupt_time;
  return observed->interrupted_at != 0 && now - observed->interrupted_at >= time &&
         observed->cpu - observed->interrupted_cpu >= interrupt_cpu;
}

static int decide(mw_worker *worker, int64_t now) {
  mw_turn_observation *observed = &worker->observed;
  int request = mw_request_by_limits(worker, now);
  if (request == MW_REQUEST_NONE) return request;
  observe(worker, false);
  mw_end_cause cause = request == MW_REQUEST_EVICT ? MW_ENDED_BY_LIMITS : early_cause(worker);
  if (request == MW_REQUEST_SLICE && cause == MW_ENDED_BY_LIMITS) return request;
  if (request == MW_REQUEST_EVICT || cause != MW_ENDED_BY_LIMITS)
    request = is_overdue(observed, now, cause) ? MW_REQUEST_EVICT : MW_REQUEST_INTERRUPT;
  if (observed->interrupted_at == 0) {
    observed->interrupted_at = now;
    observed->interrupted_cpu = observed->cpu;
  }
  atomic_store_explicit(&worker->cause, cause, memory_order_relaxed);
  return request;
}

int mw_request_preemption(mw_worker *worker, int64_t now) {
  if (mw_request_by_limits(worker, now) == MW_REQUEST_NONE) return 0;
  int expected = MW_WORKER_LUA;
  if (!atomic_compare_exchange_strong_explicit(&worker->state, &expected, MW_WORKER_SIGNALLED, memory_order_acq_rel,
                                               memory_order_acquire)) {
    if (expected == MW_WORKER_OUT) {
      atomic_store_explicit(&worker->missed, true, memory_order_relaxed);
      observe(worker, true);
    }
    return 0;
  }
  int request = decide(worker, now);
  atomic_store_explicit(&worker->request, request, memory_order_release); /* what was read of the run was read before */
  if (request != MW_REQUEST_NONE && mw_signal_worker(worker) == 0) return 1;
  atomic_store_explicit(&worker->state, MW_WORKER_LUA, memory_order_release);
  return 0;
}
