/* How a request for preemption reaches a thread. Stands on preempt and worker. */
#ifndef MOONWHEEL_BRIDGE_SIGNALS_H
#define MOONWHEEL_BRIDGE_SIGNALS_H

#include "state.h"

mw_worker *mw_current_worker(void); /* of the calling thread; NULL if it is not attached */
int mw_signal_worker(mw_worker *worker); /* 0, or an errno */
void mw_unblock_signals(void); /* after a jump out of a signal handler */

#endif
