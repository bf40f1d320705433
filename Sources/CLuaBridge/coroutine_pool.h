/* The coroutines of an isolate's runs. Stands on no other file. */
#ifndef MOONWHEEL_BRIDGE_COROUTINE_POOL_H
#define MOONWHEEL_BRIDGE_COROUTINE_POOL_H

#include "state.h"

/* A new coroutine, or one that another run left empty; 0 at the limit of mw_config.coroutines, or without memory. */
mw_coroutine mw_acquire_coroutine(mw_isolate *isolate);
/* `reusable`: its stack can be emptied for another run. */
void mw_release_coroutine(mw_isolate *isolate, mw_coroutine index, bool reusable);
/* Whether a run that has not ended has this coroutine. */
static inline bool mw_is_busy(const mw_isolate *isolate, mw_coroutine index) {
  return index && index < isolate->slot_count && isolate->slots[index].busy;
}

#endif
