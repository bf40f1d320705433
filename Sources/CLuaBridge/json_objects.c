/* The keys of an object, in order. Those of a small one stay on the stack with their values; those of a large one, which
 * other code of the script may change while the run has lost its turn, are kept in a list. */
#include "json_encoder.h"

/* What one key costs, in bytes of text. */
enum { KEY_WORK = 16 };

void mw_count_keys(lua_State *L, mw_json_frame *f) {
  f->is_object = f->kind == MW_COLLECTING || f->kind == MW_LISTING;
  f->kind = MW_COUNTING;
  f->count = 0;
  f->top = f->base + 1;
  lua_settop(L, f->base);
  lua_pushnil(L);
}

/* The keys of the object go to a list from now on. stack: table, key, value, ..., key */
static void begin_list(lua_State *L, mw_json_frame *f) {
  lua_createtable(L, 2 * MW_FEW_KEYS, 0);
  int list = lua_gettop(L);
  for (uint32_t i = 0; i < f->count; i++) {
    lua_pushvalue(L, f->base + 1 + 2 * (int)i);
    lua_rawseti(L, list, (lua_Integer)i + 1);
  }
  lua_replace(L, f->base + 1);
  lua_copy(L, list - 1, f->base + 2); /* the last key, which is not in the list yet */
  f->top = f->base + 2;
  f->kind = MW_LISTING;
  lua_settop(L, f->top);
  lua_pushvalue(L, -1);
  lua_rawseti(L, f->base + 1, (lua_Integer)++f->count);
}

static void sort_few(lua_State *L, mw_encoder *e, mw_json_frame *f) {
  mw_sort_key keys[MW_FEW_KEYS];
  for (uint32_t i = 0; i < f->count; i++) {
    size_t length;
    keys[i].text = lua_tolstring(L, f->base + 1 + 2 * (int)i, &length);
    keys[i].length = (uint32_t)length;
    keys[i].place = i;
  }
  mw_sort_few(keys, f->count);
  for (uint32_t i = 0; i < f->count; i++) e->order[e->depth - 1][i] = (uint8_t)keys[i].place;
  f->top = f->base + 2 * (int)f->count;
  f->kind = MW_FEW;
}

void mw_collect_keys(lua_State *L, mw_encoder *e, mw_json_frame *f) {
  while (lua_next(L, f->base)) {
    int key = lua_gettop(L) - 1;
    if (lua_type(L, key) != LUA_TSTRING) {
      mw_count_keys(L, f);
      return;
    }
    if (f->count == MW_FEW_KEYS) {
      lua_pop(L, 1);
      begin_list(L, f);
      return;
    }
    f->count++;
    lua_pushvalue(L, key);
  }
  sort_few(L, e, f);
}

/* Room to sort the keys, which stay where they are. stack: table, list -> table, list, mw_sort_key[] */
static void begin_sort(lua_State *L, mw_encoder *e, mw_json_frame *f) {
  lua_newuserdatauv(L, 2 * (size_t)f->count * sizeof(mw_sort_key), 0);
  f->top = f->base + 2;
  f->kind = MW_SORTING;
  e->sort = (mw_key_sort){.count = 0};
}

void mw_list_keys(lua_State *L, mw_encoder *e, mw_json_frame *f) {
  while (e->left > 0) {
    if (!lua_next(L, f->base)) {
      begin_sort(L, e, f);
      return;
    }
    int key = lua_gettop(L) - 1;
    if (lua_type(L, key) != LUA_TSTRING) {
      mw_count_keys(L, f);
      return;
    }
    lua_pop(L, 1);
    lua_pushvalue(L, key);
    lua_rawseti(L, f->base + 1, (lua_Integer)++f->count);
    e->left -= KEY_WORK;
  }
}

/* `sort.count` is how many keys have been read; then the sorting begins. stack: table, list, mw_sort_key[] */
void mw_sort_keys(lua_State *L, mw_encoder *e, mw_json_frame *f) {
  mw_sort_key *keys = lua_touserdata(L, f->base + 2);
  for (; f->at < f->count && e->left > 0; f->at++, e->left -= KEY_WORK) {
    size_t length;
    lua_rawgeti(L, f->base + 1, (lua_Integer)f->at + 1);
    keys[f->at].text = lua_tolstring(L, -1, &length);
    keys[f->at].length = length > UINT32_MAX ? UINT32_MAX : (uint32_t)length;
    keys[f->at].place = f->at;
    lua_pop(L, 1);
    if (f->at + 1 == f->count) e->sort = mw_begin_sort(f->count);
  }
  while (f->at == f->count && e->left > 0) {
    e->left -= 64 * KEY_WORK;
    if (!mw_go_on_sorting(&e->sort, keys, 64)) continue;
    if (e->sort.is_swapped) memcpy(keys, keys + f->count, (size_t)f->count * sizeof *keys);
    f->at = 0;
    f->kind = MW_MANY;
    return;
  }
}
