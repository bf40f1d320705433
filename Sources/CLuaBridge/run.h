/* A run from its start over every wait to its end. Stands on buffer, callbacks, codec, coroutine_pool, guard, objects,
 * run_end, traceback and worker. */
#ifndef MOONWHEEL_BRIDGE_RUN_H
#define MOONWHEEL_BRIDGE_RUN_H

#include "state.h"

/* Makes the coroutine of a turn ready for lua_resume, which must be given this many arguments. 0, with the outcome, if
 * it cannot be resumed. */
mw_coroutine mw_prepare_turn(mw_isolate *isolate, const mw_turn *turn, int *arguments, mw_outcome *outcome);

/* Around lua_resume. `link` must live until the turn has ended; `status` is that of lua_resume. */
void mw_begin_turn(mw_isolate *isolate, mw_coroutine index, mw_link *link);
void mw_end_turn(mw_isolate *isolate, mw_coroutine index, int status, mw_outcome *outcome);

#endif
