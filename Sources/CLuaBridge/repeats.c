/* A script that registers very many jobs calls the same function again and again, from the same line and with the same texts:
 * only the function differs. What surrounds a call of the host would cost more than what the host does with it, so such calls
 * are noted here, and told together before anything else is. */
#include "internal.h"

/* Who makes the call under way: a function of the prelude, which one of the script's has called. */
typedef struct {
  const void *ours, *caller;
  int line;
} way;

static bool find_way(lua_State *L, way *found, const char *sources[2]) {
  lua_Debug frame;
  const void *functions[2];
  if (!lua_checkstack(L, 8)) return false;
  for (int level = 1; level <= 2; level++) {
    if (!lua_getstack(L, level, &frame)) return false;
    lua_getinfo(L, sources ? "Slf" : "lf", &frame);
    functions[level - 1] = lua_topointer(L, -1);
    lua_pop(L, 1);
    if (sources) sources[level - 1] = frame.source;
  }
  *found = (way){functions[0], functions[1], frame.currentline};
  return true;
}

static bool is_same_text(lua_State *L, int index, const mw_repeat_text *text) {
  size_t count;
  if (lua_type(L, index) != LUA_TSTRING) return false;
  const char *start = lua_tolstring(L, index, &count);
  return count == text->count && memcmp(start, text->start, count) == 0;
}

static bool keep_text(lua_State *L, int index, mw_repeat_text *text) {
  size_t count;
  if (lua_type(L, index) != LUA_TSTRING) return false;
  const char *start = lua_tolstring(L, index, &count);
  if (count > sizeof text->start) return false;
  memcpy(text->start, start, count);
  text->count = count;
  return true;
}

bool mw_is_repeat(lua_State *L, mw_isolate *isolate, uint32_t function) {
  mw_repeats *repeats = &isolate->repeats;
  way found;
  if (repeats->left == 0 || function != repeats->function || lua_gettop(L) != 3 || lua_type(L, 3) != LUA_TFUNCTION ||
      !is_same_text(L, 1, &repeats->texts[0]) || !is_same_text(L, 2, &repeats->texts[1]) ||
      !find_way(L, &found, NULL))
    return false;
  return found.line == repeats->line && found.caller == repeats->caller && found.ours == repeats->ours;
}

int mw_note_repeat(lua_State *L, mw_isolate *isolate) { /* raises; stack: two texts, function */
  mw_repeats *repeats = &isolate->repeats;
  lua_pushvalue(L, 3);
  int32_t callback = luaL_ref(L, LUA_REGISTRYINDEX);
  mw_know(L, 3, callback);
  if (!mw_buffer_append(isolate, &repeats->callbacks, &callback, sizeof callback)) {
    luaL_unref(L, LUA_REGISTRYINDEX, callback);
    return luaL_error(L, "not enough memory");
  }
  repeats->left--;
  mw_push_handle(L, repeats->next++);
  return 1;
}

/* Outside Lua. */
void mw_tell_repeats(mw_isolate *isolate) {
  mw_repeats *repeats = &isolate->repeats;
  repeats->left = 0;
  size_t count = repeats->callbacks.count / sizeof(int32_t);
  repeats->callbacks.count = 0;
  if (count) isolate->config.tell_repeats(isolate->config.host, (const int32_t *)(void *)repeats->callbacks.start, count);
}

void mw_expect_repeats(mw_isolate *isolate, uint64_t first, uint32_t most) {
  mw_repeats *repeats = &isolate->repeats;
  lua_State *L = isolate->current;
  const char *sources[2];
  way found;
  repeats->left = 0;
  if (!L || lua_gettop(L) != 3 || !keep_text(L, 1, &repeats->texts[0]) || !keep_text(L, 2, &repeats->texts[1]) ||
      !find_way(L, &found, sources) || found.line <= 0 || strcmp(sources[0], MW_PRELUDE_SOURCE) != 0 ||
      strcmp(sources[1], MW_PRELUDE_SOURCE) == 0)
    return;
  repeats->ours = found.ours;
  repeats->caller = found.caller;
  repeats->line = found.line;
  repeats->next = first;
  repeats->left = most;
}
