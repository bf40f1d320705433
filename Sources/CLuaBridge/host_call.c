/* The trampoline copies the arguments into a message, calls Swift, and acts on the status that Swift returns. It raises
 * and yields only here, when no Swift frame is left on the stack. */
#include "host_call.h"

#include "buffer.h"
#include "bulk_registration.h"
#include "callbacks.h"
#include "codec.h"
#include "duration.h"
#include "preempt.h"
#include "traceback.h"
#include "worker.h"

enum { UPVALUE_FUNCTION = 1, UPVALUE_FLAGS, UPVALUE_NAME, UPVALUE_ARGUMENTS, UPVALUES = UPVALUE_ARGUMENTS };

static const char *function_name(lua_State *L) { return lua_tostring(L, lua_upvalueindex(UPVALUE_NAME)); }

static int raise_text(lua_State *L, const uint8_t *text, size_t count) {
  mw_where(L);
  lua_pushlstring(L, (const char *)text, count);
  lua_concat(L, 2);
  return lua_error(L);
}

static int continue_call(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  mw_isolate *isolate = mw_of(L);
  if (isolate->raises_interrupt) return mw_raise_interrupt(L, MW_ENDED_BY_LIMITS);
  if (isolate->raise) return raise_text(L, isolate->message, isolate->message_count);
  return mw_decode(L, isolate->message, isolate->message_count);
}

/* A wait for a duration returns nothing. */
static int continue_timed_wait(lua_State *L, int status, lua_KContext context) {
  mw_isolate *isolate = mw_of(L);
  return isolate->raises_interrupt || isolate->raise ? continue_call(L, status, context) : 0;
}

/* Notes the length of a run's wait for a duration, of which the host hears at the end of the turn. False for calls
 * without a run, for which the host decides. */
static bool take_timed_wait(lua_State *L, mw_isolate *isolate, uint32_t flags) {
  return (flags & MW_TIMED_WAIT) && isolate->slots[isolate->running].run && lua_gettop(L) == 1 &&
         mw_to_duration(L, 1, &isolate->wait_length);
}

static int park(lua_State *L, mw_isolate *isolate, lua_KFunction continuation) {
  isolate->host_yield = true;
  return lua_yieldk(L, 0, 0, continuation);
}

static int refuse_wait(lua_State *L) { /* raises always */
  mw_where(L);
  lua_pushfstring(L, "%s cannot wait here: inside a comparator, a string.gsub callback, the function of kv.update "
                  "or another function that C calls", function_name(L));
  lua_concat(L, 2);
  return lua_error(L);
}

enum { LARGEST_ARGUMENTS = 1 << 30 };

static void encode_arguments(lua_State *L, mw_isolate *isolate, uint32_t flags) { /* raises */
  const char *names = lua_tostring(L, lua_upvalueindex(UPVALUE_ARGUMENTS));
  bool callbacks = (flags & MW_ACCEPTS_CALLBACKS) != 0;
  int count = lua_gettop(L);
  mw_release_pending_callbacks(isolate); /* of an earlier call whose arguments raised */
  mw_buffer_trim(isolate, &isolate->arguments); /* as left by an earlier call whose arguments raised */
  isolate->argument_bytes = flags & MW_LARGE_ARGUMENTS ? LARGEST_ARGUMENTS : isolate->config.message_bytes;
  for (int i = 1; i <= count; i++) mw_encode(L, &isolate->arguments, i, names, i, callbacks);
}

static inline mw_reply_status call_host(mw_isolate *isolate, uint32_t function, uint32_t flags) {
  isolate->reply.count = 0;
  if (!(flags & MW_UNOBSERVED)) isolate->is_observed = true;
  mw_enter_host(isolate);
  mw_flush_bulk_registration(isolate);
  isolate->bulk.function = function; /* if the host expects further calls, they are of this function */
  mw_reply_status status = isolate->config.call(isolate->config.host, function, isolate->running,
                                                isolate->arguments.start, isolate->arguments.count);
  mw_leave_host(isolate);
  mw_buffer_trim(isolate, &isolate->arguments);
  return status;
}

static inline int finish_call(lua_State *L, mw_isolate *isolate, mw_reply_status status, bool may_park) { /* raises */
  if (status == MW_REPLY_TRUE) {
    isolate->pending_callbacks.count = 0;
    lua_pushboolean(L, 1);
    return 1;
  }
  if (status == MW_REPLY_RETURN) {
    isolate->pending_callbacks.count = 0;
    return mw_decode(L, isolate->reply.start, isolate->reply.count);
  }
  mw_release_pending_callbacks(isolate);
  if (status == MW_REPLY_PARK && may_park) return park(L, isolate, continue_call);
  if (status == MW_REPLY_END) return mw_raise_interrupt(L, MW_ENDED_BY_LIMITS);
  return raise_text(L, isolate->reply.start, isolate->reply.count);
}

/* How much of the C stack must be left for the host, whose functions are written for a stack of their own. */
enum { HOST_STACK = 512 << 10 };

static int trampoline(lua_State *L) { /* stack: args */
  mw_isolate *isolate = mw_of(L);
  if (!mw_has_c_stack(isolate, HOST_STACK))
    return luaL_error(L, "too little C stack is left to call %s: the calls that led here are nested too deeply",
                      function_name(L));
  uint32_t function = (uint32_t)lua_tointeger(L, lua_upvalueindex(UPVALUE_FUNCTION));
  uint32_t flags = (uint32_t)lua_tointeger(L, lua_upvalueindex(UPVALUE_FLAGS));
  bool may_park = (flags & MW_MAY_PARK) != 0;
  if (may_park && !mw_can_wait(isolate)) return refuse_wait(L);
  if (take_timed_wait(L, isolate, flags)) return park(L, isolate, continue_timed_wait);
  isolate->wait_length = 0;
  if (mw_is_bulk_registration(L, isolate, function)) return mw_add_bulk_registration(L, isolate);
  encode_arguments(L, isolate, flags);
  return finish_call(L, isolate, call_host(isolate, function, flags), may_park);
}

void mw_push_host_function(lua_State *L, uint32_t function, uint32_t flags, const char *name, const char *arguments) {
  lua_pushinteger(L, function);
  lua_pushinteger(L, flags);
  lua_pushstring(L, name);
  lua_pushstring(L, arguments);
  lua_pushcclosure(L, trampoline, UPVALUES);
}

static int make_function(lua_State *L) { /* stack: number, flags, name, arguments */
  mw_push_host_function(L, (uint32_t)luaL_checkinteger(L, 1), (uint32_t)luaL_checkinteger(L, 2),
                        luaL_checkstring(L, 3), luaL_checkstring(L, 4));
  return 1;
}

void mw_open_host_calls(lua_State *L) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, mw_of(L)->host_table);
  lua_pushcfunction(L, make_function);
  lua_setfield(L, -2, "make_function");
  lua_pop(L, 1);
}

void mw_reply(mw_isolate *isolate, const uint8_t *message, size_t count) {
  isolate->reply.count = 0;
  if (mw_buffer_append(isolate, &isolate->reply, message, count)) return;
  static const char text[] = "not enough memory";
  isolate->reply.count = 0;
  mw_buffer_append(isolate, &isolate->reply, text, isolate->reply.capacity < sizeof text ? 0 : sizeof text - 1);
}
