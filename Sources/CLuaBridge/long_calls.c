#include "long_calls.h"

#include "preempt.h"
#include "simulated.h"

void mw_pass_turn(lua_State *L, void *work, size_t size, int place, lua_KFunction go_on) {
  mw_isolate *isolate = mw_of(L);
  if (isolate->config.simulated ? !mw_obey_work(L) : !mw_obey_request(L)) return;
  /* The request is taken: the yield must follow. */
  isolate->host_yield = isolate->preempted = false;
  void *kept = lua_touserdata(L, place);
  if (!kept) {
    luaL_checkstack(L, 1, "a long call");
    kept = lua_newuserdatauv(L, size, 0);
    lua_replace(L, place);
  }
  memcpy(kept, work, size);
  isolate->host_yield = isolate->preempted = true;
  lua_yieldk(L, 0, 0, go_on);
}

void mw_take_up(lua_State *L, void *work, size_t size, int place) {
  if (mw_of(L)->raises_interrupt) mw_raise_interrupt(L, MW_ENDED_BY_LIMITS);
  memcpy(work, lua_touserdata(L, place), size);
}

enum { LEAST_C_STACK = 128 << 10 };

void mw_check_c_stack(lua_State *L, const char *function) {
  if (!mw_has_c_stack(mw_of(L), LEAST_C_STACK))
    luaL_error(L, "too little C stack is left to call %s: the calls that led here are nested too deeply", function);
}
