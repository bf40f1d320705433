#include "callbacks.h"

#include <stdlib.h>

#include "buffer.h"

int mw_arity(lua_State *L, int index, int count) {
  lua_Debug info;
  lua_pushvalue(L, index);
  lua_getinfo(L, ">u", &info);
  return info.isvararg || info.nparams > count ? count : info.nparams;
}

/* Leaves the table as it is without memory: arities are then looked up at each run. */
static void make_room(mw_isolate *isolate, mw_callback callback) {
  uint32_t wanted = (uint32_t)callback + 1;
  if (wanted <= isolate->arity_count) return;
  uint32_t count = wanted < 64 ? 64 : wanted * 2;
  mw_enter_critical(isolate);
  uint8_t *arities = realloc(isolate->arities, count);
  if (arities) {
    memset(arities + isolate->arity_count, MW_ARITY_UNKNOWN, count - isolate->arity_count);
    isolate->arities = arities;
    isolate->arity_count = count;
  }
  mw_leave_critical(isolate);
}

int mw_look_up_arity(lua_State *L, int index, mw_callback callback) {
  mw_isolate *isolate = mw_of(L);
  int arity = mw_arity(L, index, MW_LARGEST_ARITY);
  if ((uint32_t)callback < isolate->arity_count) isolate->arities[callback] = (uint8_t)(arity + 1);
  return arity;
}

mw_callback mw_create_callback(lua_State *L, int index, mw_buffer *list) {
  mw_isolate *isolate = mw_of(L);
  lua_pushvalue(L, index);
  mw_callback callback = luaL_ref(L, LUA_REGISTRYINDEX);
  if (!mw_buffer_append(isolate, list, &callback, sizeof callback)) {
    luaL_unref(L, LUA_REGISTRYINDEX, callback);
    return 0;
  }
  make_room(isolate, callback);
  mw_look_up_arity(L, index, callback);
  return callback;
}

void mw_release_pending_callbacks(mw_isolate *isolate) {
  for (size_t at = 0; at < isolate->pending_callbacks.count; at += sizeof(mw_callback)) {
    mw_callback callback;
    memcpy(&callback, isolate->pending_callbacks.start + at, sizeof callback);
    luaL_unref(isolate->main, LUA_REGISTRYINDEX, callback);
  }
  isolate->pending_callbacks.count = 0;
}

void mw_release(mw_isolate *isolate, mw_callback callback) {
  if (callback > 0 && (uint32_t)callback < isolate->arity_count) isolate->arities[callback] = MW_ARITY_UNKNOWN;
  if (callback > 0 && !isolate->dead) luaL_unref(isolate->main, LUA_REGISTRYINDEX, callback);
}
