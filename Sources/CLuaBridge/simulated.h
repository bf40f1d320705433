/* Isolates of a simulation. Stands on clock, counted_functions, heap, preempt, traceback and worker. */
#ifndef MOONWHEEL_BRIDGE_SIMULATED_H
#define MOONWHEEL_BRIDGE_SIMULATED_H

#include "state.h"

/* An lua_Alloc in place of heap.h's; `isolate` is an mw_isolate. */
void *mw_numbered_allocate(void *isolate, void *block, size_t old_size, size_t new_size);
/* Replaces the functions whose results depend on addresses. */
void mw_open_simulated(lua_State *L); /* raises; stack: globals */
/* Sets the limits of the next turn, of this run: it is preempted after `slice` VM instructions, and interrupted after `soft`. Where it
 * cannot be preempted, it is interrupted after `hard`. INT64_MAX is never. */
void mw_limit_work(mw_isolate *isolate, mw_coroutine run, int64_t slice, int64_t soft, int64_t hard);
/* Adds the real time of the turn that has ended to that of its run. */
void mw_count_real_time(mw_isolate *isolate, mw_coroutine run);
/* At the limits of the work that was counted: raises the interrupt, or returns true if the caller must yield to the host
 * now. */
bool mw_obey_work(lua_State *L); /* raises */
/* Begins to count work. For a simulated isolate, after all libraries are open. */
void mw_start_simulation(mw_isolate *isolate);

#endif
