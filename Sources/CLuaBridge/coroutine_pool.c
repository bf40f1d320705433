#include "coroutine_pool.h"

#include <stdlib.h>

static bool grow_slots(mw_isolate *isolate) {
  uint32_t capacity = isolate->slot_capacity ? isolate->slot_capacity * 2 : 8;
  mw_enter_critical(isolate);
  mw_slot *slots = realloc(isolate->slots, capacity * sizeof *slots);
  mw_leave_critical(isolate);
  if (!slots) return false;
  isolate->slots = slots;
  isolate->slot_capacity = capacity;
  if (isolate->slot_count == 0) isolate->slot_count = 1; /* 0 is no coroutine */
  return true;
}

static int make_state(lua_State *L) { /* stack: slot */
  mw_slot *slot = lua_touserdata(L, 1);
  slot->state = lua_newthread(L);
  slot->reference = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

static bool fill(mw_isolate *isolate, mw_slot *slot) {
  lua_State *L = isolate->main;
  lua_pushcfunction(L, make_state);
  lua_pushlightuserdata(L, slot);
  if (lua_pcall(L, 1, 0, 0) == LUA_OK) return true;
  lua_settop(L, 0);
  return false;
}

mw_coroutine mw_acquire_coroutine(mw_isolate *isolate) {
  if (isolate->busy_slots >= isolate->config.coroutines) return 0;
  mw_coroutine index = isolate->first_free;
  if (index) {
    isolate->first_free = isolate->slots[index].next_free;
  } else {
    if (isolate->slot_count >= isolate->slot_capacity && !grow_slots(isolate)) return 0;
    index = isolate->slot_count++;
    memset(&isolate->slots[index], 0, sizeof *isolate->slots);
  }
  mw_slot *slot = &isolate->slots[index];
  if (!slot->state && !fill(isolate, slot)) {
    slot->state = NULL;
    slot->next_free = isolate->first_free;
    isolate->first_free = index;
    return 0;
  }
  slot->busy = true;
  slot->preempted = slot->interrupted = false;
  slot->traceback.count = 0;
  isolate->busy_slots++;
  return index;
}

void mw_release_coroutine(mw_isolate *isolate, mw_coroutine index, bool reusable) {
  mw_slot *slot = &isolate->slots[index];
  if (!reusable || mw_flag(slot->state, MW_STATE_EXPOSED)) {
    luaL_unref(isolate->main, LUA_REGISTRYINDEX, slot->reference);
    slot->state = NULL;
  } else {
    lua_settop(slot->state, 0);
  }
  slot->busy = false;
  slot->next_free = isolate->first_free;
  isolate->first_free = index;
  isolate->busy_slots--;
}
