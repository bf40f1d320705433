/* Runs: a callback on a coroutine of its own, from its start over every wait to its end.
 *
 * The base of each coroutine is `body`, which calls the script under lua_pcallk. So an error is caught while the
 * coroutine lives: its `<close>` handlers may wait, and the coroutine can be used again. */
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"
#include "preempt.h"

static void append_text(mw_isolate *isolate, mw_buffer *buffer, const char *text) {
  mw_buffer_append(isolate, buffer, text, strlen(text));
}

/* Texts of scripts that are kept outside their heap are cut. */
enum { LONGEST_ERROR = 16 << 10, LONGEST_NAME = 60 };

/* Text of an error object, read raw. */
static void append_error(lua_State *L, int index, mw_buffer *into) {
  mw_isolate *isolate = mw_of(L);
  size_t length;
  char number[64];
  index = lua_absindex(L, index);
  switch (lua_type(L, index)) {
    case LUA_TSTRING: {
      const char *text = lua_tolstring(L, index, &length);
      mw_buffer_append(isolate, into, text, length > LONGEST_ERROR ? LONGEST_ERROR : length);
      if (length > LONGEST_ERROR) append_text(isolate, into, "...");
      return;
    }
    case LUA_TNUMBER:
      if (lua_isinteger(L, index)) snprintf(number, sizeof number, LUA_INTEGER_FMT, lua_tointeger(L, index));
      else snprintf(number, sizeof number, LUA_NUMBER_FMT, lua_tonumber(L, index));
      append_text(isolate, into, number);
      return;
    case LUA_TTABLE: {
      static const char *const keys[] = {"message", "msg", "code", NULL};
      for (const char *const *key = keys; *key; key++) {
        lua_pushnil(L);
        for (bool found = false; lua_next(L, index) && !found;) {
          found = lua_type(L, -2) == LUA_TSTRING && strcmp(lua_tostring(L, -2), *key) == 0 &&
                  (lua_type(L, -1) == LUA_TSTRING || lua_type(L, -1) == LUA_TNUMBER);
          if (found) append_error(L, -1, into);
          lua_pop(L, found ? 2 : 1);
          if (found) return;
        }
      }
      append_text(isolate, into, "(error object is a table without a message)");
      return;
    }
    default:
      append_text(isolate, into, "(error object is a ");
      append_text(isolate, into, luaL_typename(L, index));
      append_text(isolate, into, " value)");
  }
}

static void append_frame(mw_isolate *isolate, mw_buffer *into, const lua_Debug *frame) {
  char line[32];
  append_text(isolate, into, "\n\t");
  append_text(isolate, into, frame->short_src);
  if (frame->currentline > 0) {
    snprintf(line, sizeof line, ":%d", frame->currentline);
    append_text(isolate, into, line);
  }
  append_text(isolate, into, ": in ");
  if (*frame->namewhat) {
    append_text(isolate, into, frame->namewhat);
    append_text(isolate, into, " '");
    mw_buffer_append(isolate, into, frame->name, strnlen(frame->name, LONGEST_NAME));
    append_text(isolate, into, "'");
  } else if (*frame->what == 'm') {
    append_text(isolate, into, "main chunk");
  } else if (*frame->what != 'C') {
    snprintf(line, sizeof line, ":%d>", frame->linedefined);
    append_text(isolate, into, "function <");
    append_text(isolate, into, frame->short_src);
    append_text(isolate, into, line);
  } else {
    append_text(isolate, into, "?");
  }
}

enum { FIRST_FRAMES = 20, LAST_FRAMES = 10 };

/* Lua counts the levels one by one, and a recursion without end has hundreds of thousands. */
enum { DEEPEST = 1 << 14 };

/* At most DEEPEST. */
static int depth_of(lua_State *L) {
  lua_Debug frame;
  int low = 0, high = 1;
  while (high < DEEPEST && lua_getstack(L, high, &frame)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    int middle = low + (high - low) / 2;
    if (lua_getstack(L, middle, &frame)) low = middle;
    else high = middle;
  }
  return high;
}

/* Allocates nothing in Lua, so it cannot raise. Leaves out our own frames. */
static void append_traceback(lua_State *L, int first, mw_buffer *into) {
  mw_isolate *isolate = mw_of(L);
  int depth = depth_of(L);
  lua_Debug frame;
  append_text(isolate, into, "stack traceback:");
  for (int level = first; level < depth && lua_getstack(L, level, &frame); level++) {
    if (level == first + FIRST_FRAMES && depth - level > LAST_FRAMES + 1) {
      append_text(isolate, into, "\n\t...");
      if (depth >= DEEPEST) return;
      level = depth - LAST_FRAMES;
      lua_getstack(L, level, &frame);
    }
    lua_getinfo(L, "Sln", &frame);
    bool base = level == depth - 1 && *frame.what == 'C';
    if (!base && strcmp(frame.source, MW_PRELUDE_SOURCE) != 0) append_frame(isolate, into, &frame);
  }
}

/* The whole chain, innermost first. */
void mw_capture_chain(mw_isolate *isolate) {
  isolate->traceback.count = 0;
  for (const mw_link *link = isolate->chain; link; link = link->outer) {
    if (link != isolate->chain) append_text(isolate, &isolate->traceback, "\nresumed by, ");
    append_traceback(link->state, 0, &isolate->traceback);
  }
}

int mw_raise_interrupt(lua_State *L) {
  mw_isolate *isolate = mw_of(L);
  mw_slot *slot = &isolate->slots[isolate->running];
  slot->interrupted = true;
  isolate->interrupts = false;
  mw_capture_chain(isolate);
  lua_pushlightuserdata(L, (void *)mw_interrupt_token);
  return lua_error(L);
}

int mw_message_handler(lua_State *L) { /* stack: error */
  mw_isolate *isolate = mw_of(L);
  if (mw_is_interrupted(isolate)) return 1; /* the traceback is of where it was interrupted */
  isolate->traceback.count = 0;
  append_traceback(L, 1, &isolate->traceback);
  return 1;
}

/* stack: message (a string or nil); what `debug.traceback` answers */
int mw_traceback(lua_State *L) {
  mw_isolate *isolate = mw_of(L);
  isolate->scratch.count = 0;
  append_traceback(L, 1, &isolate->scratch);
  if (lua_isstring(L, 1)) {
    lua_settop(L, 1);
    lua_pushliteral(L, "\n");
  } else {
    lua_settop(L, 0);
  }
  lua_pushlstring(L, (const char *)isolate->scratch.start, isolate->scratch.count);
  lua_concat(L, lua_gettop(L));
  return 1;
}

static int encode_result(lua_State *L) { /* stack: result */
  mw_encode(L, &mw_of(L)->result, 1, "result", 1, false);
  return 0;
}

#define MEMORY_HINT " (the script is at its memory limit: does it keep too much, or call itself without end?)"

/* A memory error has no position of its own: the callback's, at least. */
static void append_place(lua_State *L, mw_buffer *into) {
  mw_isolate *isolate = mw_of(L);
  lua_Debug info;
  char line[32];
  lua_rawgeti(L, LUA_REGISTRYINDEX, isolate->slots[isolate->running].callback);
  if (!lua_isfunction(L, -1)) {
    lua_pop(L, 1);
    return;
  }
  lua_getinfo(L, ">S", &info);
  append_text(isolate, into, info.short_src);
  snprintf(line, sizeof line, ":%d: ", info.linedefined);
  append_text(isolate, into, line);
}

/* stack: handler, results... or handler, ..., error */
static int finish(lua_State *L, int status, lua_KContext context) {
  (void)context;
  mw_isolate *isolate = mw_of(L);
  isolate->result.count = 0;
  if (status != LUA_OK && status != LUA_YIELD) {
    isolate->failed = true;
    if (status == LUA_ERRMEM) append_place(L, &isolate->result);
    append_error(L, -1, &isolate->result);
    if (status == LUA_ERRMEM) append_text(isolate, &isolate->result, MEMORY_HINT);
    return 0;
  }
  if (lua_gettop(L) < 2 || lua_isnil(L, 2)) return 0;
  lua_settop(L, 2); /* any number of results may have filled the stack */
  isolate->cancelled = lua_touserdata(L, 2) == isolate->cancel && lua_isuserdata(L, 2);
  if (isolate->cancelled) return 0;
  /* What cannot be copied is no result; that does not make the run a failure. */
  lua_pushcfunction(L, encode_result);
  lua_pushvalue(L, 2);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) isolate->result.count = 0;
  return 0;
}

/* How many of the arguments (at most `count`) the function at `index` can see. */
static int parameters(lua_State *L, int index, int count) {
  lua_Debug info;
  lua_pushvalue(L, index);
  lua_getinfo(L, ">u", &info);
  return info.isvararg || info.nparams > count ? count : info.nparams;
}

static int body(lua_State *L) { /* stack: callback */
  mw_isolate *isolate = mw_of(L);
  lua_pushcfunction(L, mw_message_handler);
  lua_insert(L, 1);
  int values = mw_decode(L, isolate->message, isolate->message_count);
  if (!isolate->event) lua_settop(L, 2 + (values > 0)); /* args are in the run */
  int arguments = isolate->event ? values : 0;
  if (isolate->run && parameters(L, 2, arguments + 1) > arguments) {
    if (values > 0) lua_pushvalue(L, 3);
    else lua_pushnil(L);
    mw_push_run(L, isolate->run, isolate->running, isolate->event);
    arguments++;
  }
  if (!isolate->event && values > 0) lua_remove(L, 3);
  int passed = lua_gettop(L) - 2;
  int status = lua_pcallk(L, passed < arguments ? passed : arguments, LUA_MULTRET, 1, 0, finish);
  return finish(L, status, 0);
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

static bool fill(mw_isolate *isolate, mw_slot *slot) {
  lua_State *L = isolate->main;
  lua_pushcfunction(L, make_state);
  lua_pushlightuserdata(L, slot);
  if (lua_pcall(L, 1, 0, 0) == LUA_OK) return true;
  lua_settop(L, 0);
  return false;
}

static mw_coroutine acquire(mw_isolate *isolate) {
  if (isolate->busy_slots >= isolate->config.coroutines) return 0;
  mw_coroutine index = isolate->first_free;
  if (index) {
    isolate->first_free = isolate->slots[index].next_free;
  } else {
    if (isolate->slot_count >= isolate->slot_capacity && !grow_slots(isolate)) return 0;
    index = isolate->slot_count++;
    isolate->slots[index].state = NULL;
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
  isolate->busy_slots++;
  return index;
}

static void give_back(mw_isolate *isolate, mw_coroutine index, bool reusable) {
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
  append_text(isolate, &isolate->result, text);
  *outcome = (mw_outcome){kind, 0, bytes_of(&isolate->result), {NULL, 0}};
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MW_NO_POST_MORTEM 1
#endif
#endif

/* Where a dead state was. It may have been left half-way through a change of its stack, so a fault while it is read is
 * caught, and what was found so far is kept. The chain itself lay on the C stack that is gone. */
static void describe_dead(mw_isolate *isolate, mw_worker *worker) {
  isolate->traceback.count = 0;
#ifndef MW_NO_POST_MORTEM
  if (sigsetjmp(worker->post_mortem, 1) == 0) {
    worker->in_post_mortem = 1;
    append_traceback(isolate->current, 0, &isolate->traceback);
  }
  worker->in_post_mortem = 0;
#else
  (void)worker;
#endif
}

/* Resumes under the limits of the turn. When the thread is torn out of Lua, the isolate is dead. */
static int resume_guarded(mw_isolate *isolate, lua_State *state, int arguments, int *results) {
  mw_worker *worker = mw_current_worker();
  isolate->worker = worker;
  if (!worker) return lua_resume(state, isolate->main, arguments, results);
  int left = sigsetjmp(worker->entry, 0);
  if (left) {
    mw_unblock_press();
    isolate->dead = true;
    isolate->worker = NULL;
    isolate->result.count = 0;
    describe_dead(isolate, worker);
    append_text(isolate, &isolate->result,
                left == MW_LEFT_BY_OVERFLOW ? "the C stack overflowed" : "it could not be interrupted");
    return LUA_ERRRUN;
  }
  mw_worker_enter(worker, isolate, &isolate->limits);
  int status = lua_resume(state, isolate->main, arguments, results);
  mw_worker_leave(worker);
  isolate->worker = NULL;
  return status;
}

/* Runs the coroutine until it parks or ends. */
static void turn(mw_isolate *isolate, mw_coroutine index, int arguments, mw_outcome *outcome) {
  lua_State *state = isolate->slots[index].state;
  mw_link link = {NULL, state};
  isolate->chain = &link;
  isolate->current = state;
  isolate->running = index;
  isolate->host_yield = isolate->preempted = isolate->failed = isolate->cancelled = false;
  if (!isolate->slots[index].interrupted) isolate->traceback.count = 0;
  isolate->stack_base = (uintptr_t)__builtin_frame_address(0);
  int results = 0;
  int status = resume_guarded(isolate, state, arguments, &results);
  isolate->chain = NULL;
  isolate->current = NULL;
  isolate->running = 0;
  *outcome = (mw_outcome){MW_PARKED, index, {NULL, 0}, {NULL, 0}};
  if (isolate->dead) {
    outcome->kind = MW_EVICTED;
    outcome->payload = bytes_of(&isolate->result);
    outcome->traceback = bytes_of(&isolate->traceback);
    return;
  }
  if (status == LUA_YIELD) {
    isolate->host_yield = false;
    isolate->slots[index].preempted = isolate->preempted;
    if (isolate->preempted) {
      outcome->kind = MW_PREEMPTED;
      outcome->traceback = bytes_of(&isolate->traceback); /* if it was past its soft limit */
    }
    mw_set_flag(state, MW_STATE_PARKED);
    return;
  }
  bool interrupted = isolate->slots[index].interrupted;
  if (status != LUA_OK) { /* `body` itself, before it could call: no memory for the arguments */
    isolate->failed = true;
    isolate->result.count = 0;
    append_error(state, -1, &isolate->result);
  }
  give_back(isolate, index, status == LUA_OK);
  outcome->kind = interrupted ? MW_INTERRUPTED : isolate->failed ? MW_FAILED : isolate->cancelled ? MW_CANCELLED : MW_FINISHED;
  outcome->payload = bytes_of(&isolate->result);
  outcome->traceback = bytes_of(&isolate->traceback);
}

void mw_start(mw_isolate *isolate, mw_callback callback, const mw_run *run, int event, const uint8_t *arguments,
              size_t count, mw_outcome *outcome) {
  mw_coroutine index = acquire(isolate);
  if (!index) {
    bool full = isolate->busy_slots >= isolate->config.coroutines;
    refuse_outcome(isolate, outcome, MW_REFUSED, full ? "too many runs under way in this script" : "not enough memory");
    return;
  }
  lua_State *state = isolate->slots[index].state;
  isolate->slots[index].callback = callback;
  isolate->run = run;
  isolate->event = event != 0;
  isolate->message = arguments;
  isolate->message_count = count;
  lua_pushcfunction(state, body); /* a new or emptied stack has room */
  lua_rawgeti(state, LUA_REGISTRYINDEX, callback);
  turn(isolate, index, 1, outcome);
}

void mw_resume(mw_isolate *isolate, mw_coroutine coroutine, int raise, const uint8_t *message, size_t count,
               mw_outcome *outcome) {
  if (coroutine == 0 || coroutine >= isolate->slot_count || !isolate->slots[coroutine].busy) {
    refuse_outcome(isolate, outcome, MW_REFUSED, "no such run is parked");
    return;
  }
  mw_clear_flag(isolate->slots[coroutine].state, MW_STATE_PARKED);
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

mw_bytes mw_traceback_of(mw_isolate *isolate, mw_coroutine coroutine) {
  if (!coroutine || coroutine >= isolate->slot_count || !isolate->slots[coroutine].busy) return (mw_bytes){NULL, 0};
  isolate->traceback.count = 0;
  append_traceback(isolate->slots[coroutine].state, 0, &isolate->traceback);
  return bytes_of(&isolate->traceback);
}

void mw_drop(mw_isolate *isolate, mw_coroutine coroutine) {
  if (coroutine && coroutine < isolate->slot_count && isolate->slots[coroutine].busy)
    give_back(isolate, coroutine, false);
}

void mw_set_limits(mw_isolate *isolate, const mw_limits *limits) { isolate->limits = *limits; }
