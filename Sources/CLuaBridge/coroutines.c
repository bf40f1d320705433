/* A yield in a nested coroutine goes to whoever resumed it: the script. But a host function that waits (`sleep`) must
 * yield to the host from any depth. So a yield has one of two meanings, which isolate->host_yield tells apart. The
 * script's yield ends at the script's `resume`. The host's yield goes outward: each `resume` on the way yields too and,
 * when the host continues the run, resumes the inner coroutine from its continuation:
 *
 *   host ── lua_resume ─► run's coroutine ── our resume ─► co 1 ── our resume ─► co 2 ── sleep
 *        ◄── yield ──────                 ◄── yieldk ────       ◄── yieldk ────        parks
 *
 * isolate->current is the innermost running state; isolate->chain lists it and those around it. A coroutine that the
 * host has parked carries MW_STATE_PARKED: other coroutines of the run see its status as "normal", and can neither
 * resume nor close it. */
#include "coroutines.h"

#include "preempt.h"

/* Up to Lua 5.4.5 each `coroutine.close` starts its count of C calls at zero, so a chain of them through `__close` can
 * overflow the C stack. There `close` raises once a turn has used this much of the stack; one more link (200 nested C
 * calls, 480 KiB at most) fits into the rest of a worker's 2 MiB. Later versions continue the count of the caller. */
#if LUA_VERSION_RELEASE_NUM >= 50406
static void check_close(lua_State *L) { (void)L; }
static int close_coroutine(lua_State *L, lua_State *co) { return lua_closethread(co, L); }
#else
enum { CLOSE_STACK = 384 << 10 };

static void check_close(lua_State *L) { /* raises */
  if (mw_of(L)->stack_base - (uintptr_t)__builtin_frame_address(0) > CLOSE_STACK)
    luaL_error(L, "C stack overflow: too many nested calls of coroutine.close");
}
static int close_coroutine(lua_State *L, lua_State *co) {
  (void)L;
  return lua_resetthread(co);
}
#endif

static lua_State *coroutine_at(lua_State *L, int index) { /* raises */
  lua_State *co = lua_tothread(L, index);
  luaL_argexpected(L, co, index, "coroutine");
  return co;
}

static void enter(mw_isolate *isolate, mw_link *link, lua_State *co) {
  link->outer = isolate->chain;
  link->state = co;
  isolate->chain = link;
  isolate->current = co;
}

/* The hook may have been armed on the coroutine that has ended. If its body is a C function, no instruction of Lua ran
 * the hook. */
static void leave(mw_isolate *isolate, mw_link *link, lua_State *L) {
  isolate->chain = link->outer;
  isolate->current = L;
  if (isolate->worker) mw_rearm_hook(isolate);
}

enum { REFUSED = -1, HOST_YIELD = -2 };

/* Resumes co with the `arguments` on its stack. Returns the number of results on co's stack, REFUSED with an error on
 * co's stack, or HOST_YIELD. Does not raise. */
static int step(lua_State *L, lua_State *co, int arguments) {
  mw_isolate *isolate = mw_of(L);
  mw_link link;
  int results;
  enter(isolate, &link, co);
  int status = lua_resume(co, L, arguments, &results);
  leave(isolate, &link, L);
  if (status == LUA_YIELD && isolate->host_yield) {
    mw_set_flag(co, MW_STATE_PARKED);
    return HOST_YIELD;
  }
  return status == LUA_OK || status == LUA_YIELD ? results : REFUSED;
}

/* As `step`, with the arguments and the error on L's stack. */
static int resume_with(lua_State *L, lua_State *co, int arguments) { /* raises */
  if (mw_flag(co, MW_STATE_PARKED)) {
    lua_pushliteral(L, "cannot resume non-suspended coroutine");
    return REFUSED;
  }
  if (!lua_checkstack(co, arguments)) {
    lua_pushliteral(L, "too many arguments to resume");
    return REFUSED;
  }
  lua_xmove(L, co, arguments);
  int results = step(L, co, arguments);
  if (results == REFUSED) lua_xmove(co, L, 1);
  return results;
}

static int take_results(lua_State *L, lua_State *co, int results) { /* raises */
  if (!lua_checkstack(L, results + 1)) {
    lua_pop(co, results);
    lua_pushliteral(L, "too many results to resume");
    return REFUSED;
  }
  lua_xmove(co, L, results);
  return results;
}

static int continue_resume(lua_State *L, int status, lua_KContext context);

/* Raises again an error that ended a coroutine of an interrupted run: the script must not catch it. */
static void pass_interrupt(lua_State *L, lua_State *co, int results) { /* raises; stack: error */
  if (results == REFUSED && mw_is_interrupted(mw_of(L)) && lua_status(co) != LUA_OK && lua_status(co) != LUA_YIELD)
    lua_error(L);
}

static int finish_resume(lua_State *L, lua_State *co, int results) {
  if (results == HOST_YIELD) return lua_yieldk(L, 0, (lua_KContext)co, continue_resume);
  pass_interrupt(L, co, results);
  if (results != REFUSED) results = take_results(L, co, results);
  lua_pushboolean(L, results != REFUSED);
  int count = results == REFUSED ? 1 : results;
  lua_insert(L, -(count + 1));
  return count + 1;
}

static int continue_resume(lua_State *L, int status, lua_KContext context) {
  (void)status;
  lua_State *co = (lua_State *)context;
  mw_clear_flag(co, MW_STATE_PARKED);
  int results = step(L, co, 0);
  if (results == REFUSED) lua_xmove(co, L, 1);
  return finish_resume(L, co, results);
}

static int co_resume(lua_State *L) { /* stack: co, args */
  lua_State *co = coroutine_at(L, 1);
  return finish_resume(L, co, resume_with(L, co, lua_gettop(L) - 1));
}

/* Closes co's pending `<close>` variables; their handlers cannot wait. Leaves an error on co's stack. */
static int reset(lua_State *L, lua_State *co) { /* raises */
  mw_isolate *isolate = mw_of(L);
  mw_link link;
  check_close(L);
  enter(isolate, &link, co);
  int status = close_coroutine(L, co);
  leave(isolate, &link, L);
  return status;
}

static int continue_wrap(lua_State *L, int status, lua_KContext context);

static int finish_wrap(lua_State *L, lua_State *co, int results) {
  if (results == HOST_YIELD) return lua_yieldk(L, 0, (lua_KContext)co, continue_wrap);
  pass_interrupt(L, co, results);
  if (results != REFUSED) results = take_results(L, co, results);
  if (results != REFUSED) return results;
  int status = lua_status(co);
  if (status != LUA_OK && status != LUA_YIELD) {
    /* lua_resume left a second copy of the error on co, with which `reset` starts. */
    lua_pop(L, 1);
    status = reset(L, co);
    lua_xmove(co, L, 1);
  }
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int continue_wrap(lua_State *L, int status, lua_KContext context) {
  (void)status;
  lua_State *co = (lua_State *)context;
  mw_clear_flag(co, MW_STATE_PARKED);
  int results = step(L, co, 0);
  if (results == REFUSED) lua_xmove(co, L, 1);
  return finish_wrap(L, co, results);
}

static int wrapped(lua_State *L) { /* stack: args */
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  int results = resume_with(L, co, lua_gettop(L));
  return finish_wrap(L, co, results);
}

static int co_create(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  return 1;
}

static int co_wrap(lua_State *L) {
  co_create(L);
  lua_pushcclosure(L, wrapped, 1);
  return 1;
}

static int co_yield(lua_State *L) {
  mw_isolate *isolate = mw_of(L);
  if (!isolate->chain || !isolate->chain->outer)
    return luaL_error(L, "attempt to yield from outside a coroutine; use sleep or wait");
  return lua_yield(L, lua_gettop(L));
}

static const char *status_name(lua_State *L, lua_State *co) {
  if (L == co) return "running";
  if (mw_flag(co, MW_STATE_PARKED)) return "normal";
  lua_Debug frame;
  switch (lua_status(co)) {
    case LUA_YIELD: return "suspended";
    case LUA_OK:
      if (lua_getstack(co, 0, &frame)) return "normal";
      return lua_gettop(co) == 0 ? "dead" : "suspended";
    default: return "dead";
  }
}

static int co_status(lua_State *L) {
  lua_pushstring(L, status_name(L, coroutine_at(L, 1)));
  return 1;
}

static int co_running(lua_State *L) {
  mw_set_flag(L, MW_STATE_EXPOSED);
  lua_pushthread(L);
  lua_pushboolean(L, 0);
  return 2;
}

static int co_isyieldable(lua_State *L) {
  mw_isolate *isolate = mw_of(L);
  lua_State *co = lua_isnone(L, 1) ? L : coroutine_at(L, 1);
  bool outermost = co == L && (!isolate->chain || !isolate->chain->outer);
  lua_pushboolean(L, !outermost && lua_isyieldable(co));
  return 1;
}

static int co_close(lua_State *L) {
  lua_State *co = coroutine_at(L, 1);
  const char *status = status_name(L, co);
  if (strcmp(status, "dead") != 0 && strcmp(status, "suspended") != 0)
    return luaL_error(L, "cannot close a %s coroutine", status);
  if (reset(L, co) == LUA_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushboolean(L, 0);
  lua_xmove(co, L, 1);
  return mw_is_token(L, -1) ? lua_error(L) : 2;
}

static const luaL_Reg coroutine_functions[] = {
  {"create", co_create}, {"resume", co_resume}, {"wrap", co_wrap}, {"yield", co_yield},
  {"status", co_status}, {"running", co_running}, {"isyieldable", co_isyieldable}, {"close", co_close},
  {NULL, NULL},
};

void mw_open_coroutines(lua_State *L) { luaL_newlib(L, coroutine_functions); }

/* The context of a protected call: how many values below its results are not results, and whether the run was
 * interrupted before it (the call is then part of the unwinding, in a `__close` for example, and may catch errors). */
enum { PCALL_EXTRA = 3, PCALL_UNWINDS = 4 };

static lua_KContext pcall_context(lua_State *L, int extra) {
  return (lua_KContext)(extra | (mw_is_interrupted(mw_of(L)) ? PCALL_UNWINDS : 0));
}

/* stack: true, results... or ..., error */
static int finish_pcall(lua_State *L, int status, lua_KContext context) {
  if (status != LUA_OK && status != LUA_YIELD) {
    if (mw_is_interrupted(mw_of(L)) && !(context & PCALL_UNWINDS)) return lua_error(L);
    lua_pushboolean(L, 0);
    lua_pushvalue(L, -2);
    return 2;
  }
  return lua_gettop(L) - (int)(context & PCALL_EXTRA);
}

int mw_pcall(lua_State *L) { /* stack: fn, args */
  luaL_checkany(L, 1);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  lua_KContext context = pcall_context(L, 0);
  int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, context, finish_pcall);
  return finish_pcall(L, status, context);
}

/* Keeps the interrupt from the script's handler, which could delay it. stack: error; upvalue: the handler */
static int guarded_handler(lua_State *L) {
  if (mw_is_token(L, 1)) return 1;
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  return 1;
}

int mw_xpcall(lua_State *L) { /* stack: fn, handler, args */
  int count = lua_gettop(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_pushvalue(L, 2);
  lua_pushcclosure(L, guarded_handler, 1);
  lua_replace(L, 2);
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_rotate(L, 3, 2); /* fn, handler, true, fn, args */
  lua_KContext context = pcall_context(L, 2);
  int status = lua_pcallk(L, count - 2, LUA_MULTRET, 2, context, finish_pcall);
  return finish_pcall(L, status, context);
}
