/* How a run is stopped: the hook and the interrupt. Stands on worker, clock, traceback and buffer. */
#ifndef MOONWHEEL_BRIDGE_PREEMPT_H
#define MOONWHEEL_BRIDGE_PREEMPT_H

#include "state.h"

/* The interrupt's error value. */
extern const void *const mw_interrupt_token;

static inline bool mw_is_token(lua_State *L, int index) { return lua_touserdata(L, index) == mw_interrupt_token; }

/* Interrupts the current run: notes where it is, and raises the interrupt. */
int mw_raise_interrupt(lua_State *L, mw_end_cause cause); /* raises always */

/* Does what is requested of the run in this thread, if anything is: raises the interrupt, or returns true if the caller
 * must yield to the host now. */
bool mw_obey_request(lua_State *L); /* raises */

/* Around calls of the host. No signal arrives in between. */
void mw_enter_host(mw_isolate *isolate);
void mw_leave_host(mw_isolate *isolate);

/* Arms the hook on the innermost running state. May be called in a signal handler. */
void mw_arm_hook(mw_isolate *isolate);
/* Arms the hook if a request waits. Needed when a coroutine ends, as the hook was armed on its state. For isolates with
 * a worker. */
void mw_rearm_hook(mw_isolate *isolate);
/* For mw_isolate.deferred_request. May jump to the worker's `entry`. */
void mw_perform_deferred_request(mw_isolate *isolate);

#endif
