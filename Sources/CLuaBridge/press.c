/* The presser: a thread that looks again and again at each worker whose turn is older than its slice (the pool's watchdog),
 * and asks for the end of what is over its limits. How the request takes effect is in preempt.c.
 *
 * While the worker's state says PRESSED its thread cannot leave Lua, so that the isolate and the run under way are those of
 * the request: all decisions are made then.
 *
 * Beside the limits of the run, two things end it:
 *
 *   a cancellation   the host says that the run under way is to end: the interrupt, at once
 *   the stall limit  the run has not yielded although its slice was over, since it is in a function of C: the interrupt when
 *                    that has taken so much of the thread's processor time. Where Lua runs inside of the C function (the
 *                    comparator of table.sort) more time is allowed, as the hook can raise the interrupt there at any moment.
 *
 * Processor time is added up between presses. An interrupt that does not come about, since no instruction of Lua runs, is followed by the eviction. */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <time.h>

#include "internal.h"
#include "preempt.h"

/* What the interrupt may take before the thread is torn out: so long, and so much of it on a processor. A thread that had no
 * processor for long may be past all its limits at its first press; the interrupt comes first, since it harms nobody else.
 * A cancelled run has as long as one at its limits: 100 ms to be dropped, and 50 ms more. */
static const int64_t interrupt_time = 20000000, cancelled_time = 150000000, interrupt_cpu = 5000000;

/* What a cancelled run may be stuck in C after the interrupt, in processor time. */
static const int64_t cancelled_stall = 100000000;

static int64_t processor_time(const mw_worker *worker) {
  struct timespec time;
  if (clock_gettime(worker->cpu_clock, &time) != 0) return 0;
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Brings what is known of the turn up to date. What a host function has used counts where the run could not yield after it. */
static void look(mw_worker *worker, bool is_in_host) {
  mw_press_notes *notes = &worker->notes;
  uint32_t epoch = atomic_load_explicit(&worker->epoch, memory_order_relaxed);
  uint32_t refused_yields = atomic_load_explicit(&worker->refused_yields, memory_order_relaxed);
  uint32_t interrupts = atomic_load_explicit(&worker->interrupts, memory_order_relaxed);
  int64_t cpu = processor_time(worker), used = cpu - notes->cpu;
  if (notes->epoch != epoch) {
    *notes = (mw_press_notes){.epoch = epoch, .refused_yields = refused_yields, .interrupts = interrupts};
  } else if (is_in_host || notes->was_in_host) {
    notes->in_host += used;
  } else {
    notes->in_c += used;
    notes->unyielding += used;
  }
  if (notes->refused_yields != refused_yields) {
    notes->unyielding += notes->in_host;
    notes->in_host = notes->in_c = 0;
  }
  if (notes->interrupts != interrupts) notes->in_host = notes->in_c = notes->unyielding = 0;
  notes->refused_yields = refused_yields;
  notes->interrupts = interrupts;
  notes->cpu = cpu;
  notes->was_in_host = is_in_host;
}

static bool is_cancelled(const mw_isolate *isolate) {
  if (!isolate->running || !isolate->config.is_cancelled) return false;
  const mw_slot *slot = &isolate->slots[isolate->running];
  return isolate->config.is_cancelled(isolate->config.host, slot->job_key, slot->run);
}

/* Why the turn is to end although its limits have not come; MW_ENDED_BY_LIMITS is not at all. */
static mw_end_cause other_cause(const mw_worker *worker) {
  const mw_press_notes *notes = &worker->notes;
  const mw_isolate *isolate = worker->isolate;
  if (is_cancelled(isolate)) {
    bool was_interrupted = isolate->slots[isolate->running].interrupted;
    if (!was_interrupted || notes->unyielding >= cancelled_stall) return MW_ENDED_BY_CANCELLATION;
  }
  if (notes->in_c >= isolate->stall.in_c) return MW_STUCK_IN_C;
  return notes->unyielding >= isolate->stall.unyielding ? MW_STUCK_IN_LUA : MW_ENDED_BY_LIMITS;
}

/* Whether an interrupt that was asked for had its time, and did not come about. */
static bool is_overdue(const mw_press_notes *notes, int64_t now, mw_end_cause cause) {
  int64_t time = cause == MW_ENDED_BY_CANCELLATION ? cancelled_time : interrupt_time;
  return notes->interrupted_at != 0 && now - notes->interrupted_at >= time &&
         notes->cpu - notes->interrupted_cpu >= interrupt_cpu;
}

static int decide(mw_worker *worker, int64_t now) {
  mw_press_notes *notes = &worker->notes;
  int request = mw_request_at(worker, now);
  if (request == MW_REQUEST_NONE) return request;
  look(worker, false);
  mw_end_cause cause = request == MW_REQUEST_EVICT ? MW_ENDED_BY_LIMITS : other_cause(worker);
  if (request == MW_REQUEST_SLICE && cause == MW_ENDED_BY_LIMITS) return request;
  if (request == MW_REQUEST_EVICT || cause != MW_ENDED_BY_LIMITS)
    request = is_overdue(notes, now, cause) ? MW_REQUEST_EVICT : MW_REQUEST_INTERRUPT;
  if (notes->interrupted_at == 0) {
    notes->interrupted_at = now;
    notes->interrupted_cpu = notes->cpu;
  }
  atomic_store_explicit(&worker->cause, cause, memory_order_relaxed);
  return request;
}

int mw_worker_press(mw_worker *worker, int64_t now) {
  if (mw_request_at(worker, now) == MW_REQUEST_NONE) return 0;
  int expected = MW_WORKER_LUA;
  if (!atomic_compare_exchange_strong_explicit(&worker->state, &expected, MW_WORKER_PRESSED, memory_order_acq_rel,
                                               memory_order_acquire)) {
    if (expected == MW_WORKER_OUT) {
      atomic_store_explicit(&worker->missed, true, memory_order_relaxed);
      look(worker, true);
    }
    return 0;
  }
  int request = decide(worker, now);
  atomic_store_explicit(&worker->request, request, memory_order_relaxed);
  if (request != MW_REQUEST_NONE && mw_signal_press(worker) == 0) return request;
  atomic_store_explicit(&worker->state, MW_WORKER_LUA, memory_order_release);
  return 0;
}
