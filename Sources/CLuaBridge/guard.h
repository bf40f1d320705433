/* The only way to a script's code and values. Stands on buffer, signals, traceback and worker. */
#ifndef MOONWHEEL_BRIDGE_GUARD_H
#define MOONWHEEL_BRIDGE_GUARD_H

#include "state.h"

typedef void (*mw_guarded)(mw_isolate *isolate, void *context);

/* Calls the body. False if the thread jumped out of it; the isolate is then dead. */
bool mw_guard(mw_isolate *isolate, mw_guarded body, void *context);

/* Calls a body that reads or compiles, while no script runs. On attached threads `cpu` limits its processor time, in
 * nanoseconds. False as for mw_guard. */
bool mw_inspect(mw_isolate *isolate, mw_guarded body, void *context, int64_t cpu);
enum { MW_INSPECTION_TIME = 100000000 };

#endif
