/* Functions of C that take long. Such a function works in steps and keeps all that it needs between them in one struct
 * without pointers into itself. After each step it calls mw_end_step, which ends the turn if its slice is over: the
 * struct is kept in the Lua heap meanwhile, and the continuation takes it up again with mw_take_up. Where the run cannot
 * yield, the function goes on; the interrupt reaches it in any case. Stands on preempt, simulated and worker. */
#ifndef MOONWHEEL_BRIDGE_LONG_CALLS_H
#define MOONWHEEL_BRIDGE_LONG_CALLS_H

#include "state.h"
#include "worker.h"

/* A step should be so many bytes of text, or so much work as they make. */
enum { MW_STEP_BYTES = 4096 };

/* Counts the work, about that of `bytes` of text. `place` is an index of the stack that the function keeps free for the
 * struct. May not return. */
void mw_pass_turn(lua_State *L, void *work, size_t size, int place, lua_KFunction go_on); /* raises */

static inline void mw_end_step(lua_State *L, size_t bytes, void *work, size_t size, int place, lua_KFunction go_on) {
  mw_isolate *isolate = mw_of(L);
  if (isolate->config.simulated) isolate->work.done += (int64_t)(bytes / 8);
  else if (!isolate->worker ||
           atomic_load_explicit(&isolate->worker->request, memory_order_relaxed) == MW_REQUEST_NONE) return;
  mw_pass_turn(L, work, size, place, go_on);
}

/* At the beginning of the continuation. */
void mw_take_up(lua_State *L, void *work, size_t size, int place); /* raises */

/* Raises if too little of the C stack is left for the function's struct. */
void mw_check_c_stack(lua_State *L, const char *function); /* raises */

#endif
