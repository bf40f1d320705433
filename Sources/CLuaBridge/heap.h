/* The allocator of isolates. Stands on account. */
#ifndef MOONWHEEL_BRIDGE_HEAP_H
#define MOONWHEEL_BRIDGE_HEAP_H

#include "state.h"

/* An lua_Alloc; `isolate` is an mw_isolate. */
void *mw_heap_allocate(void *isolate, void *block, size_t old_size, size_t new_size);
void mw_heap_release(mw_heap *heap);

#endif
