/* Runs: a callback on a coroutine of its own, from its start over every wait to its end.
 *
 * The base of each coroutine is `body`, which calls the script under lua_pcallk. So an error is caught while the
 * coroutine lives: its `<close>` handlers may wait, and the coroutine can be used again. */
#include <stdlib.h>

#include "internal.h"
#include "preempt.h"

int mw_raise_interrupt(lua_State *L, mw_end_cause cause) {
  mw_isolate *isolate = mw_of(L);
  mw_slot *slot = &isolate->slots[isolate->running];
  slot->interrupted = true;
  slot->cause = cause;
  isolate->interrupts = false;
  mw_note_interrupt(isolate);
  mw_capture_chain(isolate);
  mw_buffer_append(isolate, &slot->traceback, isolate->traceback.start, isolate->traceback.count);
  lua_pushlightuserdata(L, (void *)mw_interrupt_token);
  return lua_error(L);
}

/* How many of the arguments (at most `count`) the function at `index` can see. */
static int parameters(lua_State *L, int index, int count) {
  lua_Debug info;
  lua_pushvalue(L, index);
  lua_getinfo(L, ">u", &info);
  return info.isvararg || info.nparams > count ? count : info.nparams;
}

/* stack: handler, nil, callback, what the run brings -> handler, run or nil, function, arguments; answers how many.
 * A callback that does not look at its run gets none. With a `when`, the prelude's `guard` calls both. */
static int arrange(lua_State *L, const mw_run *run) { /* raises */
  enum { CALLBACK = 3, FIRST = 4 };
  mw_isolate *isolate = mw_of(L);
  int top = lua_gettop(L);
  bool value = (run->brings & MW_BRINGS_VALUE) != 0;
  bool event = !value && (run->brings & MW_BRINGS_EVENT) != 0;
  bool needs_run = value || run->when || parameters(L, CALLBACK, event + 1) > event;
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
  if (value) lua_pushvalue(L, top); /* the last that it brings */
  int moved = lua_gettop(L) - top;
  lua_rotate(L, CALLBACK, moved);
  lua_settop(L, CALLBACK - 1 + moved);
  return moved - 1;
}

enum { UNKNOWN, MOST_ARGUMENTS = 2 }; /* an event, and the run */

/* How many arguments a callback looks at, as far as there is memory to remember it: asking Lua costs as much as a short
 * run. */
static int known_parameters(lua_State *L, mw_callback callback) {
  mw_isolate *isolate = mw_of(L);
  uint8_t *known = (uint32_t)callback < isolate->known_count ? isolate->known + callback : NULL;
  if (known && *known != UNKNOWN) return *known - 1;
  int count = parameters(L, 3, MOST_ARGUMENTS);
  if (known) *known = (uint8_t)(count + 1);
  return count;
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

/* The same for a run of a batch, which brings nothing but maybe an event. */
static int arrange_plain(lua_State *L, const mw_plain *plain) { /* raises */
  mw_isolate *isolate = mw_of(L);
  int wanted = known_parameters(L, plain->callback), given = plain->event ? 1 : 0;
  if (given && wanted > 0) push_event(L, plain->event);
  if (wanted <= given) return wanted < given ? wanted : given;
  mw_run run = {
    .id = plain->id, .job = plain->job, .number = plain->number, .attempt = 1,
    .scheduled_at = (double)plain->scheduled_at / 1e9,
    .fired_at = (double)(isolate->batch.began + isolate->batch.wall_offset) / 1e9,
  };
  if (given) run.brings = MW_BRINGS_EVENT;
  luaL_checkstack(L, 16, "a run");
  mw_push_run(L, &run, isolate->running, lua_gettop(L));
  lua_copy(L, -1, 2);
  return given + 1;
}

static int body(lua_State *L) { /* stack: handler, nil, callback */
  mw_isolate *isolate = mw_of(L);
  if (isolate->batch.plain) {
    int arguments = arrange_plain(L, isolate->batch.plain);
    int status = lua_pcallk(L, arguments, LUA_MULTRET, 1, 0, mw_finish);
    return mw_finish(L, status, 0);
  }
  int values = mw_decode(L, isolate->message, isolate->message_count);
  int arguments = isolate->run ? arrange(L, isolate->run) : values;
  int status = lua_pcallk(L, arguments, LUA_MULTRET, 1, 0, mw_finish);
  return mw_finish(L, status, 0);
}

static bool grow_slots(mw_isolate *isolate) {
  uint32_t capacity = isolate->slot_capacity ? isolate->slot_capacity * 2 : 8;
  mw_enter_critical(isolate);
  mw_slot *slots = realloc(isolate->slots, capacity * sizeof *slots);
  mw_leave_critical(isolate);
  if (!slots) return false;
  isolate->slots = slots;
  isolate->slot_capacity = capacity;
  if (isolate->slot_count == 0) isolate->slot_count = 1; /* 0 is no coroutine */
  return true;
}

static int make_state(lua_State *L) { /* stack: slot */
  mw_slot *slot = lua_touserdata(L, 1);
  slot->state = lua_newthread(L);
  slot->reference = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

/* Makes room to remember of a callback what a fire needs to know. */
static void make_known(mw_isolate *isolate, mw_callback callback) {
  uint32_t wanted = (uint32_t)callback + 1;
  if (wanted <= isolate->known_count) return;
  uint32_t count = wanted < 64 ? 64 : wanted * 2;
  mw_enter_critical(isolate);
  uint8_t *known = realloc(isolate->known, count);
  if (known) {
    memset(known + isolate->known_count, UNKNOWN, count - isolate->known_count);
    isolate->known = known;
    isolate->known_count = count;
  }
  mw_leave_critical(isolate);
}

/* Remembers it of a new callback, the function at an index of the stack. */
void mw_know(lua_State *L, int index, mw_callback callback) {
  mw_isolate *isolate = mw_of(L);
  make_known(isolate, callback);
  if ((uint32_t)callback < isolate->known_count)
    isolate->known[callback] = (uint8_t)(parameters(L, index, MOST_ARGUMENTS) + 1);
}

static bool fill(mw_isolate *isolate, mw_slot *slot) {
  lua_State *L = isolate->main;
  lua_pushcfunction(L, make_state);
  lua_pushlightuserdata(L, slot);
  if (lua_pcall(L, 1, 0, 0) == LUA_OK) return true;
  lua_settop(L, 0);
  return false;
}

mw_coroutine mw_acquire(mw_isolate *isolate) {
  if (isolate->busy_slots >= isolate->config.coroutines) return 0;
  mw_coroutine index = isolate->first_free;
  if (index) {
    isolate->first_free = isolate->slots[index].next_free;
  } else {
    if (isolate->slot_count >= isolate->slot_capacity && !grow_slots(isolate)) return 0;
    index = isolate->slot_count++;
    memset(&isolate->slots[index], 0, sizeof *isolate->slots);
  }
  mw_slot *slot = &isolate->slots[index];
  if (!slot->state && !fill(isolate, slot)) {
    slot->state = NULL;
    slot->next_free = isolate->first_free;
    isolate->first_free = index;
    return 0;
  }
  slot->busy = true;
  slot->preempted = slot->interrupted = false;
  slot->traceback.count = 0;
  isolate->busy_slots++;
  return index;
}

void mw_give_back(mw_isolate *isolate, mw_coroutine index, bool reusable) {
  mw_slot *slot = &isolate->slots[index];
  if (!reusable || mw_flag(slot->state, MW_STATE_EXPOSED)) {
    luaL_unref(isolate->main, LUA_REGISTRYINDEX, slot->reference);
    slot->state = NULL;
  } else {
    lua_settop(slot->state, 0);
  }
  slot->busy = false;
  slot->next_free = isolate->first_free;
  isolate->first_free = index;
  isolate->busy_slots--;
}

static mw_bytes bytes_of(const mw_buffer *buffer) { return (mw_bytes){buffer->start, buffer->count}; }

static void refuse_outcome(mw_isolate *isolate, mw_outcome *outcome, mw_outcome_kind kind, const char *text) {
  isolate->result.count = 0;
  mw_append_text(isolate, &isolate->result, text);
  *outcome = (mw_outcome){.kind = kind, .payload = bytes_of(&isolate->result)};
}

void mw_begin_turn(mw_isolate *isolate, mw_coroutine index, mw_link *link) {
  lua_State *state = isolate->slots[index].state;
  *link = (mw_link){NULL, state};
  isolate->chain = link;
  isolate->current = state;
  isolate->running = index;
  isolate->host_yield = isolate->preempted = isolate->overflowed = isolate->called = false;
  isolate->failed = isolate->cancelled = isolate->declined = isolate->untitled = false;
  isolate->data.count = isolate->state.count = 0;
  isolate->heap.peak = isolate->heap.used;
  isolate->traceback.count = 0;
}

static void describe_error(mw_isolate *isolate, void *state) {
  isolate->result.count = 0;
  mw_append_error(state, -1, &isolate->result);
}

static void tell_eviction(mw_isolate *isolate, mw_outcome *outcome) {
  outcome->kind = MW_EVICTED;
  outcome->cause = isolate->end_cause;
  outcome->payload = bytes_of(&isolate->result);
  outcome->traceback = bytes_of(&isolate->traceback);
}

void mw_end_turn(mw_isolate *isolate, mw_coroutine index, int status, mw_outcome *outcome) {
  mw_slot *slot = &isolate->slots[index];
  lua_State *state = slot->state;
  isolate->chain = NULL;
  isolate->current = NULL;
  isolate->running = 0;
  *outcome = (mw_outcome){.kind = MW_PARKED, .coroutine = index};
  if (isolate->dead) {
    tell_eviction(isolate, outcome);
    return;
  }
  bool interrupted = slot->interrupted;
  outcome->cause = interrupted ? (mw_end_cause)slot->cause : MW_ENDED_BY_LIMITS;
  if (status == LUA_YIELD) {
    isolate->host_yield = false;
    slot->preempted = isolate->preempted;
    if (isolate->preempted) {
      outcome->kind = MW_PREEMPTED;
      outcome->traceback = bytes_of(&isolate->traceback); /* empty but in a press for an end */
    }
    mw_set_flag(state, MW_STATE_PARKED);
    return;
  }
  if (status != LUA_OK) { /* `body` itself, before it could call: no memory for the arguments */
    isolate->failed = true;
    if (!mw_look(isolate, describe_error, state, MW_LOOK_TIME)) {
      tell_eviction(isolate, outcome);
      return;
    }
  }
  mw_give_back(isolate, index, status == LUA_OK);
  outcome->kind = interrupted           ? MW_INTERRUPTED
                  : isolate->failed     ? MW_FAILED
                  : isolate->cancelled  ? MW_CANCELLED
                  : isolate->declined   ? MW_DECLINED
                                        : MW_FINISHED;
  outcome->payload = bytes_of(&isolate->result);
  outcome->traceback = bytes_of(interrupted ? &slot->traceback : &isolate->traceback);
  outcome->data = bytes_of(&isolate->data);
  outcome->state = bytes_of(&isolate->state);
  outcome->untitled = isolate->untitled;
}

typedef struct {
  lua_State *state;
  int arguments, status;
} resumption;

/* Resumes under the limits of the turn. */
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

/* Why no coroutine was to be had. */
void mw_refuse_start(mw_isolate *isolate, mw_outcome *outcome) {
  bool full = isolate->busy_slots >= isolate->config.coroutines;
  refuse_outcome(isolate, outcome, MW_REFUSED, full ? "too many runs under way in this script" : "not enough memory");
}

/* Puts a callback on a new or emptied stack, which has room; to be resumed with what is answered as arguments. */
int mw_prepare(mw_isolate *isolate, mw_coroutine index, mw_callback callback, uint64_t run, uint32_t job_key) {
  mw_slot *slot = &isolate->slots[index];
  lua_State *state = slot->state;
  slot->callback = callback;
  slot->run = run;
  slot->job_key = job_key;
  lua_pushcfunction(state, body);
  lua_pushcfunction(state, mw_message_handler);
  lua_pushnil(state);
  lua_rawgeti(state, LUA_REGISTRYINDEX, callback);
  return 3;
}

void mw_start(mw_isolate *isolate, mw_callback callback, const mw_run *run, const uint8_t *message, size_t count,
              mw_outcome *outcome) {
  mw_coroutine index = mw_acquire(isolate);
  if (!index) {
    mw_refuse_start(isolate, outcome);
    return;
  }
  isolate->run = run;
  isolate->message = message;
  isolate->message_count = count;
  int arguments = mw_prepare(isolate, index, callback, run ? run->id : 0, run ? run->job_key : 0);
  turn(isolate, index, arguments, outcome);
}

/* Whether the run may go on. */
bool mw_clear_parked(mw_isolate *isolate, mw_coroutine coroutine, mw_outcome *outcome) {
  if (coroutine == 0 || coroutine >= isolate->slot_count || !isolate->slots[coroutine].busy) {
    refuse_outcome(isolate, outcome, MW_REFUSED, "no such run is parked");
    return false;
  }
  mw_clear_flag(isolate->slots[coroutine].state, MW_STATE_PARKED);
  return true;
}

void mw_resume(mw_isolate *isolate, mw_coroutine coroutine, int raise, const uint8_t *message, size_t count,
               mw_outcome *outcome) {
  if (!mw_clear_parked(isolate, coroutine, outcome)) return;
  isolate->raise = raise != 0;
  isolate->message = message;
  isolate->message_count = count;
  turn(isolate, coroutine, 0, outcome);
}

void mw_continue(mw_isolate *isolate, mw_coroutine coroutine, mw_outcome *outcome) {
  mw_resume(isolate, coroutine, 0, NULL, 0, outcome);
}

void mw_interrupt(mw_isolate *isolate, mw_coroutine coroutine, mw_outcome *outcome) {
  isolate->interrupts = true;
  mw_resume(isolate, coroutine, 0, NULL, 0, outcome);
  isolate->interrupts = false;
}

int mw_was_interrupted(const mw_isolate *isolate, mw_coroutine coroutine) {
  return coroutine && coroutine < isolate->slot_count && isolate->slots[coroutine].busy &&
         isolate->slots[coroutine].interrupted;
}

static void describe_run(mw_isolate *isolate, void *state) { mw_append_traceback(state, 0, &isolate->traceback); }

mw_bytes mw_traceback_of(mw_isolate *isolate, mw_coroutine coroutine) {
  if (!coroutine || coroutine >= isolate->slot_count || !isolate->slots[coroutine].busy) return (mw_bytes){NULL, 0};
  const mw_slot *slot = &isolate->slots[coroutine];
  if (slot->interrupted) return bytes_of(&slot->traceback);
  isolate->traceback.count = 0;
  mw_look(isolate, describe_run, slot->state, MW_LOOK_TIME);
  return bytes_of(&isolate->traceback);
}

void mw_drop(mw_isolate *isolate, mw_coroutine coroutine) {
  if (coroutine && coroutine < isolate->slot_count && isolate->slots[coroutine].busy && !isolate->dead)
    mw_give_back(isolate, coroutine, false);
}

void mw_set_limits(mw_isolate *isolate, const mw_limits *limits) { isolate->limits = *limits; }
