/* Each run has a coroutine of its own. The base of the coroutine is `run_body`, which calls the script under
 * lua_pcallk. So an error is caught inside the coroutine: `<close>` handlers may wait, and a later run can use the
 * coroutine again. */
#include "run.h"

#include "buffer.h"
#include "callbacks.h"
#include "codec.h"
#include "coroutine_pool.h"
#include "guard.h"
#include "objects.h"
#include "run_end.h"
#include "traceback.h"
#include "worker.h"

/* Arranges the arguments of a callback and returns their number. No run object is made for a callback without a
 * parameter for it. With a `when`, the prelude's `guard` calls both functions.
 * stack: handler, nil, callback, values of the message -> handler, run or nil, function, arguments */
static int arrange(lua_State *L, const mw_run *run) { /* raises */
  enum { CALLBACK = 3, FIRST = 4 };
  mw_isolate *isolate = mw_of(L);
  int top = lua_gettop(L);
  bool value = (run->payload_flags & MW_PAYLOAD_VALUE) != 0;
  bool event = !value && (run->payload_flags & MW_PAYLOAD_EVENT) != 0;
  bool needs_run = value || run->when || mw_arity(L, CALLBACK, event + 1) > event;
  luaL_checkstack(L, 16, "a run");
  if (needs_run) {
    mw_push_run(L, run, isolate->running, FIRST);
    lua_replace(L, 2);
  }
  if (run->when) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, isolate->host_table);
    lua_getfield(L, -1, "guard");
    lua_remove(L, -2);
    lua_rawgeti(L, LUA_REGISTRYINDEX, run->when);
  }
  lua_pushvalue(L, CALLBACK);
  if (run->when) lua_pushvalue(L, 2);
  if (event) lua_pushvalue(L, FIRST);
  if (needs_run) lua_pushvalue(L, 2);
  if (value) lua_pushvalue(L, top); /* the last value of the message */
  int moved = lua_gettop(L) - top;
  lua_rotate(L, CALLBACK, moved);
  lua_settop(L, CALLBACK - 1 + moved);
  return moved - 1;
}

static void push_text(lua_State *L, const char *key, mw_bytes text) { /* raises; stack: table */
  lua_pushlstring(L, (const char *)text.start, text.count);
  lua_setfield(L, -2, key);
}

static void push_event(lua_State *L, const mw_event *event) { /* raises; stack: +event */
  luaL_checkstack(L, 16, "an event");
  lua_createtable(L, 0, 3);
  push_text(L, "name", event->name);
  push_text(L, "source", event->source);
  if (mw_decode(L, event->payload.start, event->payload.count) != 1)
    luaL_error(L, "moonwheel: the payload of an event is not one value");
  lua_setfield(L, -2, "payload");
}

/* Arranges the arguments of a run of a batch: its event, if it has one, and the run.
 * stack: handler, nil, callback -> handler, run or nil, callback, arguments */
static int arrange_batch_run(lua_State *L, const mw_batch_run *start) { /* raises */
  mw_isolate *isolate = mw_of(L);
  int wanted = mw_callback_arity(L, 3, start->callback), given = start->event ? 1 : 0;
  if (given && wanted > 0) push_event(L, start->event);
  if (wanted <= given) return wanted < given ? wanted : given;
  mw_run run = {
    .id = start->id, .job = start->job, .number = start->number, .attempt = 1,
    .scheduled_at = (double)start->scheduled_at / 1e9,
    .fired_at = (double)(isolate->batch.began + isolate->batch.wall_offset) / 1e9,
  };
  if (given) run.payload_flags = MW_PAYLOAD_EVENT;
  luaL_checkstack(L, 16, "a run");
  mw_push_run(L, &run, isolate->running, lua_gettop(L));
  lua_copy(L, -1, 2);
  return given + 1;
}

static int run_body(lua_State *L) { /* stack: handler, nil, callback */
  mw_isolate *isolate = mw_of(L);
  if (isolate->batch.run) {
    int arguments = arrange_batch_run(L, isolate->batch.run);
    int status = lua_pcallk(L, arguments, LUA_MULTRET, 1, 0, mw_finish);
    return mw_finish(L, status, 0);
  }
  int values = mw_decode(L, isolate->message, isolate->message_count);
  int arguments = isolate->run ? arrange(L, isolate->run) : values;
  int status = lua_pcallk(L, arguments, LUA_MULTRET, 1, 0, mw_finish);
  return mw_finish(L, status, 0);
}

static void refuse_outcome(mw_isolate *isolate, mw_outcome *outcome, mw_outcome_kind kind, const char *text) {
  isolate->result.count = 0;
  mw_buffer_append_text(isolate, &isolate->result, text);
  *outcome = (mw_outcome){.kind = kind, .payload = mw_buffer_bytes(&isolate->result)};
}

void mw_begin_turn(mw_isolate *isolate, mw_coroutine index, mw_link *link) {
  lua_State *state = isolate->slots[index].state;
  *link = (mw_link){NULL, state};
  isolate->chain = link;
  isolate->current = state;
  isolate->running = index;
  isolate->host_yield = isolate->preempted = isolate->overflowed = isolate->is_observed = false;
  isolate->failed = isolate->cancelled = isolate->declined = isolate->lacks_message = false;
  isolate->data.count = isolate->state.count = 0;
  isolate->heap.peak = isolate->heap.used;
  isolate->traceback.count = 0;
}

static void describe_error(mw_isolate *isolate, void *state) {
  isolate->result.count = 0;
  mw_append_error(state, -1, &isolate->result);
}

static void report_eviction(mw_isolate *isolate, mw_outcome *outcome) {
  outcome->kind = MW_EVICTED;
  outcome->cause = isolate->end_cause;
  outcome->payload = mw_buffer_bytes(&isolate->result);
  outcome->traceback = mw_buffer_bytes(&isolate->traceback);
}

void mw_end_turn(mw_isolate *isolate, mw_coroutine index, int status, mw_outcome *outcome) {
  mw_slot *slot = &isolate->slots[index];
  lua_State *state = slot->state;
  isolate->chain = NULL;
  isolate->current = NULL;
  isolate->running = 0;
  *outcome = (mw_outcome){.kind = MW_PARKED, .coroutine = index};
  if (isolate->dead) {
    report_eviction(isolate, outcome);
    return;
  }
  bool interrupted = slot->interrupted;
  outcome->cause = interrupted ? (mw_end_cause)slot->cause : MW_ENDED_BY_LIMITS;
  if (status == LUA_YIELD) {
    isolate->host_yield = false;
    slot->preempted = isolate->preempted;
    if (isolate->preempted) {
      outcome->kind = MW_PREEMPTED;
      outcome->traceback = mw_buffer_bytes(&isolate->traceback); /* empty if only the slice is over */
    }
    mw_set_flag(state, MW_STATE_PARKED);
    return;
  }
  if (status != LUA_OK) { /* raised in `run_body`, before the call: no memory for the arguments */
    isolate->failed = true;
    if (!mw_inspect(isolate, describe_error, state, MW_INSPECTION_TIME)) {
      report_eviction(isolate, outcome);
      return;
    }
  }
  mw_release_coroutine(isolate, index, status == LUA_OK);
  outcome->kind = interrupted           ? MW_INTERRUPTED
                  : isolate->failed     ? MW_FAILED
                  : isolate->cancelled  ? MW_CANCELLED
                  : isolate->declined   ? MW_DECLINED
                                        : MW_FINISHED;
  outcome->payload = mw_buffer_bytes(&isolate->result);
  outcome->traceback = mw_buffer_bytes(interrupted ? &slot->traceback : &isolate->traceback);
  outcome->data = mw_buffer_bytes(&isolate->data);
  outcome->state = mw_buffer_bytes(&isolate->state);
  outcome->lacks_message = isolate->lacks_message;
}

typedef struct {
  lua_State *state;
  int arguments, status;
} resumption;

static void resume_within_limits(mw_isolate *isolate, void *context) {
  resumption *resumption = context;
  mw_worker *worker = isolate->worker;
  int results = 0;
  if (worker) mw_worker_enter(worker, isolate, &isolate->limits);
  resumption->status = lua_resume(resumption->state, isolate->main, resumption->arguments, &results);
  if (worker) mw_worker_leave(worker);
}

/* Runs the coroutine until it parks or ends. */
static void turn(mw_isolate *isolate, mw_coroutine index, int arguments, mw_outcome *outcome) {
  mw_link link;
  mw_begin_turn(isolate, index, &link);
  resumption resumption = {link.state, arguments, LUA_ERRRUN};
  mw_guard(isolate, resume_within_limits, &resumption);
  mw_end_turn(isolate, index, resumption.status, outcome);
}

void mw_refuse_start(mw_isolate *isolate, mw_outcome *outcome) {
  bool full = isolate->busy_slots >= isolate->config.coroutines;
  refuse_outcome(isolate, outcome, MW_REFUSED, full ? "too many runs under way in this script" : "not enough memory");
}

/* A new or emptied stack has room for these values. */
int mw_prepare_coroutine(mw_isolate *isolate, mw_coroutine index, mw_callback callback, uint64_t run,
                         uint32_t job_key) {
  mw_slot *slot = &isolate->slots[index];
  lua_State *state = slot->state;
  slot->callback = callback;
  slot->run = run;
  slot->job_key = job_key;
  lua_pushcfunction(state, run_body);
  lua_pushcfunction(state, mw_message_handler);
  lua_pushnil(state);
  lua_rawgeti(state, LUA_REGISTRYINDEX, callback);
  return 3;
}

void mw_start(mw_isolate *isolate, mw_callback callback, const mw_run *run, const uint8_t *message, size_t count,
              mw_outcome *outcome) {
  mw_coroutine index = mw_acquire_coroutine(isolate);
  if (!index) {
    mw_refuse_start(isolate, outcome);
    return;
  }
  isolate->run = run;
  isolate->message = message;
  isolate->message_count = count;
  int arguments = mw_prepare_coroutine(isolate, index, callback, run ? run->id : 0, run ? run->job_key : 0);
  turn(isolate, index, arguments, outcome);
}

bool mw_unpark(mw_isolate *isolate, mw_coroutine coroutine, mw_outcome *outcome) {
  if (!mw_is_busy(isolate, coroutine)) {
    refuse_outcome(isolate, outcome, MW_REFUSED, "no such run is parked");
    return false;
  }
  mw_clear_flag(isolate->slots[coroutine].state, MW_STATE_PARKED);
  return true;
}

void mw_resume(mw_isolate *isolate, mw_coroutine coroutine, int raise, const uint8_t *message, size_t count,
               mw_outcome *outcome) {
  if (!mw_unpark(isolate, coroutine, outcome)) return;
  isolate->raise = raise != 0;
  isolate->message = message;
  isolate->message_count = count;
  turn(isolate, coroutine, 0, outcome);
}

void mw_continue(mw_isolate *isolate, mw_coroutine coroutine, mw_outcome *outcome) {
  mw_resume(isolate, coroutine, 0, NULL, 0, outcome);
}

void mw_interrupt(mw_isolate *isolate, mw_coroutine coroutine, mw_outcome *outcome) {
  isolate->raises_interrupt = true;
  mw_resume(isolate, coroutine, 0, NULL, 0, outcome);
  isolate->raises_interrupt = false;
}

int mw_was_interrupted(const mw_isolate *isolate, mw_coroutine coroutine) {
  return mw_is_busy(isolate, coroutine) && isolate->slots[coroutine].interrupted;
}

static void describe_run(mw_isolate *isolate, void *state) { mw_append_traceback(state, 0, &isolate->traceback); }

mw_bytes mw_traceback_of(mw_isolate *isolate, mw_coroutine coroutine) {
  if (!mw_is_busy(isolate, coroutine)) return (mw_bytes){NULL, 0};
  const mw_slot *slot = &isolate->slots[coroutine];
  if (slot->interrupted) return mw_buffer_bytes(&slot->traceback);
  isolate->traceback.count = 0;
  mw_inspect(isolate, describe_run, slot->state, MW_INSPECTION_TIME);
  return mw_buffer_bytes(&isolate->traceback);
}

void mw_drop(mw_isolate *isolate, mw_coroutine coroutine) {
  if (mw_is_busy(isolate, coroutine) && !isolate->dead) mw_release_coroutine(isolate, coroutine, false);
}

void mw_set_limits(mw_isolate *isolate, const mw_limits *limits) { isolate->limits = *limits; }
