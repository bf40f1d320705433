/* Host functions: how a script calls Swift.
 *
 * The trampoline copies the arguments into a message, calls Swift, and acts on the status that Swift returned. Whatever
 * raises or yields happens here, when no Swift frame is left on the stack. */
#include <stdio.h>

#include "internal.h"

enum { UPVALUE_FUNCTION = 1, UPVALUE_FLAGS, UPVALUE_NAME, UPVALUE_ARGUMENTS, UPVALUES = UPVALUE_ARGUMENTS };

/* The innermost frame that is the script's. */
static bool find_caller(lua_State *L, lua_Debug *frame) {
  for (int level = 0; lua_getstack(L, level, frame); level++) {
    lua_getinfo(L, "Sl", frame);
    if (frame->currentline > 0 && strcmp(frame->source, MW_PRELUDE_SOURCE) != 0) return true;
  }
  return false;
}

void mw_where(lua_State *L) {
  lua_Debug frame;
  if (find_caller(L, &frame)) lua_pushfstring(L, "%s:%d: ", frame.short_src, frame.currentline);
  else lua_pushliteral(L, "");
}

int mw_caller(mw_isolate *isolate, char *text, size_t space) {
  lua_Debug frame;
  bool found = isolate->current && find_caller(isolate->current, &frame);
  if (found) snprintf(text, space, "%s:%d", frame.short_src, frame.currentline);
  else text[0] = 0;
  return found ? frame.currentline : 0;
}

static int raise_text(lua_State *L, const uint8_t *text, size_t count) {
  mw_where(L);
  lua_pushlstring(L, (const char *)text, count);
  lua_concat(L, 2);
  return lua_error(L);
}

void mw_release_fresh(mw_isolate *isolate) {
  for (size_t at = 0; at < isolate->fresh.count; at += sizeof(int32_t)) {
    int32_t callback;
    memcpy(&callback, isolate->fresh.start + at, sizeof callback);
    luaL_unref(isolate->main, LUA_REGISTRYINDEX, callback);
  }
  isolate->fresh.count = 0;
}

static int continue_call(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  mw_isolate *isolate = mw_of(L);
  if (isolate->interrupts) return mw_raise_interrupt(L, MW_ENDED_BY_LIMITS);
  if (isolate->raise) return raise_text(L, isolate->message, isolate->message_count);
  return mw_decode(L, isolate->message, isolate->message_count);
}

/* After a nap: with nothing, unless it went on the long way. */
static int continue_nap(lua_State *L, int status, lua_KContext context) {
  mw_isolate *isolate = mw_of(L);
  if (isolate->interrupts || isolate->raise || isolate->message_count > 0) return continue_call(L, status, context);
  return 0;
}

/* Whether the call is a wait that needs no host: of a run of a batch of which the host need not know yet. */
static bool can_nap(lua_State *L, mw_isolate *isolate, uint32_t flags) {
  return (flags & MW_NAPS) && isolate->batch.naps && !isolate->called && lua_gettop(L) == 1 &&
         mw_to_length(L, 1, &isolate->batch.nap);
}

static void encode_arguments(lua_State *L, mw_isolate *isolate, uint32_t flags) { /* raises */
  const char *names = lua_tostring(L, lua_upvalueindex(UPVALUE_ARGUMENTS));
  bool callbacks = (flags & MW_ACCEPTS_CALLBACKS) != 0;
  int count = lua_gettop(L);
  mw_release_fresh(isolate); /* of an earlier call that raised half way */
  isolate->arguments.count = 0;
  for (int i = 1; i <= count; i++) mw_encode(L, &isolate->arguments, i, names, i, callbacks);
}

/* What is left of the C stack when the host is entered: its functions are written for a stack of their own. */
enum { HOST_STACK = 512 << 10 };

static int trampoline(lua_State *L) { /* stack: args */
  mw_isolate *isolate = mw_of(L);
  if (!mw_has_stack(isolate, HOST_STACK))
    return luaL_error(L, "too little C stack is left to call %s: the calls that led here are nested too deeply",
                      lua_tostring(L, lua_upvalueindex(UPVALUE_NAME)));
  uint32_t function = (uint32_t)lua_tointeger(L, lua_upvalueindex(UPVALUE_FUNCTION));
  uint32_t flags = (uint32_t)lua_tointeger(L, lua_upvalueindex(UPVALUE_FLAGS));
  bool may_park = (flags & MW_MAY_PARK) != 0;
  if (may_park && !mw_can_wait(isolate)) {
    mw_where(L);
    lua_pushfstring(L, "%s cannot wait here: inside a comparator, a string.gsub callback or another function that C calls",
                    lua_tostring(L, lua_upvalueindex(UPVALUE_NAME)));
    lua_concat(L, 2);
    return lua_error(L);
  }
  if (can_nap(L, isolate, flags)) {
    isolate->host_yield = true;
    return lua_yieldk(L, 0, 0, continue_nap);
  }
  isolate->batch.nap = 0;
  if (mw_is_repeat(L, isolate, function)) return mw_note_repeat(L, isolate);
  encode_arguments(L, isolate, flags);
  isolate->reply.count = 0;
  if (!(flags & MW_TRACELESS)) isolate->called = true;
  mw_enter_host(isolate);
  mw_tell_repeats(isolate);
  isolate->repeats.function = function; /* should the host expect some */
  mw_reply_status status = isolate->config.call(isolate->config.host, function, isolate->running,
                                                isolate->arguments.start, isolate->arguments.count);
  mw_leave_host(isolate);
  if (status == MW_REPLY_TRUE) {
    isolate->fresh.count = 0;
    lua_pushboolean(L, 1);
    return 1;
  }
  if (status == MW_REPLY_RETURN) {
    isolate->fresh.count = 0;
    return mw_decode(L, isolate->reply.start, isolate->reply.count);
  }
  mw_release_fresh(isolate);
  if (status == MW_REPLY_PARK && may_park) {
    isolate->host_yield = true;
    return lua_yieldk(L, 0, 0, continue_call);
  }
  if (status == MW_REPLY_END) return mw_raise_interrupt(L, MW_ENDED_BY_LIMITS);
  return raise_text(L, isolate->reply.start, isolate->reply.count);
}

void mw_push_host_function(lua_State *L, uint32_t function, uint32_t flags, const char *name, const char *arguments) {
  lua_pushinteger(L, function);
  lua_pushinteger(L, flags);
  lua_pushstring(L, name);
  lua_pushstring(L, arguments);
  lua_pushcclosure(L, trampoline, UPVALUES);
}

void mw_reply(mw_isolate *isolate, const uint8_t *message, size_t count) {
  isolate->reply.count = 0;
  if (mw_buffer_append(isolate, &isolate->reply, message, count)) return;
  static const char text[] = "not enough memory";
  isolate->reply.count = 0;
  mw_buffer_append(isolate, &isolate->reply, text, isolate->reply.capacity < sizeof text ? 0 : sizeof text - 1);
}
