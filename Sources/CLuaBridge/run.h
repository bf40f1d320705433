/* A run from its start over every wait to its end. Stands on buffer, callbacks, codec, coroutine_pool, guard, objects,
 * run_end, traceback and worker. */
#ifndef MOONWHEEL_BRIDGE_RUN_H
#define MOONWHEEL_BRIDGE_RUN_H

#include "state.h"

/* Puts a callback on an empty stack; lua_resume must be given as many arguments as this returns. */
int mw_prepare_coroutine(mw_isolate *isolate, mw_coroutine index, mw_callback callback, uint64_t run, uint32_t job_key);
/* The outcome of a start without a coroutine. */
void mw_refuse_start(mw_isolate *isolate, mw_outcome *outcome);
/* Before a parked run is resumed. False, with the outcome, if there is no such run. */
bool mw_unpark(mw_isolate *isolate, mw_coroutine coroutine, mw_outcome *outcome);

/* Around lua_resume. `link` must live until the turn has ended; `status` is that of lua_resume. */
void mw_begin_turn(mw_isolate *isolate, mw_coroutine index, mw_link *link);
void mw_end_turn(mw_isolate *isolate, mw_coroutine index, int status, mw_outcome *outcome);

#endif
