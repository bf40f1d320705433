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

/* Makes the event of its three values. stack: ..., name, source, payload, ... -> ..., event, ... */
static void make_event(lua_State *L, int first) { /* raises */
  static const char *const fields[] = {"name", "source", "payload"};
  lua_createtable(L, 0, 3);
  for (int i = 0; i < 3; i++) {
    lua_pushvalue(L, first + i);
    lua_setfield(L, -2, fields[i]);
  }
  lua_replace(L, first);
  lua_remove(L, first + 1);
  lua_remove(L, first + 1);
}

/* Pushes the prelude's function that calls a `when` function and then, perhaps, the callback. stack: +guard, when */
static void push_guard(lua_State *L, mw_callback when) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, mw_of(L)->host_table);
  lua_getfield(L, -1, "guard");
  lua_remove(L, -2);
  lua_rawgeti(L, LUA_REGISTRYINDEX, when);
}

/* Arranges the arguments of a callback and returns their number. No value is decoded, and no run object made, for a
 * callback without a parameter for it. stack: handler, nil, callback -> handler, run or nil, function, arguments */
static int arrange(lua_State *L, const mw_turn *turn) { /* raises */
  enum { CALLBACK = 3, FIRST = 4 };
  mw_isolate *isolate = mw_of(L);
  uint32_t flags = turn->run.payload_flags;
  mw_callback when = turn->run.when;
  bool value = (flags & MW_PAYLOAD_VALUE) != 0;
  bool event = !value && (flags & (MW_PAYLOAD_EVENT | MW_PAYLOAD_EVENTS)) != 0;
  bool needs_both = value || when;
  int wanted = needs_both ? MW_LARGEST_ARITY : mw_callback_arity(L, CALLBACK, turn->callback);
  if (wanted == 0) return 0;
  luaL_checkstack(L, 16, "a run");
  mw_decode(L, isolate->message, isolate->message_count);
  if (flags & MW_PAYLOAD_EVENT) make_event(L, FIRST);
  int top = lua_gettop(L);
  bool needs_run = needs_both || wanted > event;
  if (needs_run) {
    mw_run run = turn->run;
    run.fired_at = isolate->batch->wall + isolate->passed * isolate->batch->pace;
    mw_push_run(L, &run, isolate->running, FIRST);
    lua_copy(L, -1, 2);
    if (top < FIRST && !needs_both) return 1; /* most runs that take a run object take nothing else */
    lua_settop(L, top);
  }
  if (when) push_guard(L, when);
  lua_pushvalue(L, CALLBACK);
  if (when) lua_pushvalue(L, 2);
  if (event) lua_pushvalue(L, FIRST);
  if (needs_run) lua_pushvalue(L, 2);
  if (value) lua_pushvalue(L, top); /* the last value of the message */
  int moved = lua_gettop(L) - top;
  lua_rotate(L, CALLBACK, moved);
  lua_settop(L, CALLBACK - 1 + moved);
  return moved - 1;
}

static int run_body(lua_State *L) { /* stack: handler, nil, callback */
  mw_isolate *isolate = mw_of(L);
  const mw_turn *turn = isolate->turn;
  int arguments = turn->kind == MW_START ? arrange(L, turn) : mw_decode(L, isolate->message, isolate->message_count);
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
  isolate->wait_length = 0;
  isolate->refusal_tracebacks = 0;
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
    outcome->length = isolate->preempted ? 0 : isolate->wait_length;
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

/* Puts a callback on the stack of a new or emptied coroutine, which has room for these values. */
static mw_coroutine start(mw_isolate *isolate, const mw_turn *turn, int *arguments) {
  mw_coroutine index = mw_acquire_coroutine(isolate);
  if (!index) return 0;
  mw_slot *slot = &isolate->slots[index];
  lua_State *state = slot->state;
  slot->callback = turn->callback;
  slot->run = turn->kind == MW_START ? turn->run.id : 0;
  slot->real_time = 0;
  slot->job_key = turn->kind == MW_START ? turn->run.job_key : 0;
  lua_pushcfunction(state, run_body);
  lua_pushcfunction(state, mw_message_handler);
  lua_pushnil(state);
  lua_rawgeti(state, LUA_REGISTRYINDEX, turn->callback);
  *arguments = 3;
  return index;
}

static mw_coroutine unpark(mw_isolate *isolate, const mw_turn *turn) {
  if (!mw_is_busy(isolate, turn->coroutine)) return 0;
  mw_clear_flag(isolate->slots[turn->coroutine].state, MW_STATE_PARKED);
  return turn->coroutine;
}

mw_coroutine mw_prepare_turn(mw_isolate *isolate, const mw_turn *turn, int *arguments, mw_outcome *outcome) {
  isolate->turn = turn;
  isolate->message = isolate->batch->messages + turn->message;
  isolate->message_count = turn->message_count;
  isolate->raise = turn->kind == MW_RAISE;
  isolate->raises_interrupt = turn->kind == MW_INTERRUPT;
  *arguments = 0;
  bool starts = turn->kind == MW_START || turn->kind == MW_CALL;
  mw_coroutine index = starts ? start(isolate, turn, arguments) : unpark(isolate, turn);
  if (index) return index;
  bool is_full = isolate->busy_slots >= isolate->config.coroutines;
  refuse_outcome(isolate, outcome, MW_REFUSED,
                 !starts ? "no such run is parked" : is_full ? "too many runs under way in this script" : "not enough memory");
  return 0;
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
