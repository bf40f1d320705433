/* No hook is set while a script runs, since that would double the cost of tight code. When a turn is past a limit, the
 * watchdog thread requests its end (watchdog.c) and signals the worker's thread. The signal handler arms a count hook
 * on the running state (signals.c). The hook runs a moment later, between two instructions, and does what was
 * requested:
 *
 *   slice      The hook yields to the host through the whole chain of coroutines. If one of them cannot yield, it does
 *              nothing, and the watchdog repeats the request.
 *   interrupt  The hook raises an error, once. Our own pcall, xpcall and coroutine functions do not catch it.
 *   evict      No hook is needed: the signal handler jumps (siglongjmp) to the entry of the worker, if the thread
 *              executes Lua's or the bridge's code and is in no critical section. Otherwise the watchdog repeats the
 *              request. */
#include "preempt.h"

#include <stdatomic.h>

#include "buffer.h"
#include "clock.h"
#include "traceback.h"
#include "worker.h"

static const char interrupt_identity;
const void *const mw_interrupt_token = &interrupt_identity;

int mw_raise_interrupt(lua_State *L, mw_end_cause cause) {
  mw_isolate *isolate = mw_of(L);
  mw_slot *slot = &isolate->slots[isolate->running];
  slot->interrupted = true;
  slot->cause = cause;
  isolate->raises_interrupt = false;
  if (isolate->worker) mw_count_up(&isolate->worker->interrupts);
  mw_capture_chain(isolate);
  mw_buffer_append(isolate, &slot->traceback, isolate->traceback.start, isolate->traceback.count);
  lua_pushlightuserdata(L, (void *)mw_interrupt_token);
  return lua_error(L);
}

bool mw_obey_request(lua_State *L) {
  mw_isolate *isolate = mw_of(L);
  mw_worker *worker = isolate->worker;
  if (!worker || !isolate->running) return false;
  int request = atomic_exchange_explicit(&worker->request, MW_REQUEST_NONE, memory_order_relaxed);
  if (request == MW_REQUEST_NONE) return false;
  bool is_new = !mw_is_interrupted(isolate);
  if (request >= MW_REQUEST_INTERRUPT && is_new)
    mw_raise_interrupt(L, (mw_end_cause)atomic_load_explicit(&worker->cause, memory_order_relaxed));
  if (!mw_can_wait(isolate)) {
    mw_count_up(&worker->refused_yields);
    return false;
  }
  if (request >= MW_REQUEST_INTERRUPT) mw_capture_chain(isolate);
  isolate->host_yield = true;
  isolate->preempted = true;
  return true;
}

static void hook(lua_State *L, lua_Debug *unused) {
  (void)unused;
  lua_sethook(L, NULL, 0, 0);
  if (mw_obey_request(L)) lua_yield(L, 0);
}

/* Of REQUESTS_ARMED requests in a row that find the hook armed, one arms it anew. */
enum { REQUESTS_ARMED = 16 };

/* Simulated isolates have the hook that counts their work, and can only be evicted.
 *
 * Arming takes a step for each call on the stack. If each request armed the hook, deep recursion would make no
 * progress. So an armed hook stays for a while; not for good, as Lua may be about to forget that a call must look at
 * hooks. */
void mw_arm_hook(mw_isolate *isolate) {
  lua_State *L = isolate->current;
  if (isolate->config.simulated) return;
  bool is_armed = lua_gethook(L) == hook && lua_gethookmask(L) != 0;
  isolate->armed_requests = is_armed ? isolate->armed_requests + 1 : 0;
  if (isolate->armed_requests % REQUESTS_ARMED == 0) lua_sethook(L, hook, LUA_MASKCOUNT, 1);
}

void mw_rearm_hook(mw_isolate *isolate) {
  if (atomic_load_explicit(&isolate->worker->request, memory_order_relaxed) != MW_REQUEST_NONE) mw_arm_hook(isolate);
}

/* Leaves Lua before it enters the critical section, so that a signal that it waits for finds none. */
void mw_enter_host(mw_isolate *isolate) {
  if (isolate->worker) mw_worker_leave(isolate->worker);
  mw_enter_critical(isolate);
}

/* Makes up for a request that found the worker in the host. Without this a script that does little else than call the
 * host would hardly ever be preempted. */
static void perform_missed_request(mw_isolate *isolate, mw_worker *worker) {
  atomic_store_explicit(&worker->missed, false, memory_order_relaxed);
  int request = mw_request_by_limits(worker, mw_monotonic_now());
  atomic_store_explicit(&worker->request, request, memory_order_relaxed);
  atomic_store_explicit(&worker->cause, MW_ENDED_BY_LIMITS, memory_order_relaxed);
  /* Without a run when the table of a module is made while the host inspects a script. */
  if (request != MW_REQUEST_NONE && isolate->current) mw_arm_hook(isolate);
}

void mw_leave_host(mw_isolate *isolate) {
  mw_leave_critical(isolate);
  mw_worker *worker = isolate->worker;
  if (!worker) return;
  if (atomic_load_explicit(&worker->missed, memory_order_relaxed)) perform_missed_request(isolate, worker);
  atomic_store_explicit(&worker->state, MW_WORKER_LUA, memory_order_release);
}

/* Takes effect at the end of the critical section in which the signal arrived. Without this a script that spends nearly
 * all its time in critical sections would hardly ever be preempted. */
void mw_perform_deferred_request(mw_isolate *isolate) {
  isolate->deferred_request = NULL;
  mw_worker *worker = isolate->worker;
  if (!worker) return;
  if (atomic_load_explicit(&worker->request, memory_order_relaxed) == MW_REQUEST_EVICT) {
    mw_worker_leave(worker);
    siglongjmp(worker->entry, MW_LEFT_BY_EVICTION);
  }
  if (isolate->current) mw_arm_hook(isolate);
}
