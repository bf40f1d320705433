/* A script that registers many jobs in a loop calls the host from one line with equal texts; only the function differs.
 * The way to the host and back would take longer than the registration. So the bridge answers such calls itself, and
 * the host gets their callbacks together, before its next function is called. */
#include "bulk_registration.h"

#include "callbacks.h"
#include "objects.h"
#include "traceback.h"

/* The place of a call: a function of the prelude, and the script's function and line that called it. */
typedef struct {
  const void *ours, *caller;
  int line;
} call_site;

static bool find_call_site(lua_State *L, call_site *found, const char *sources[2]) {
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
  *found = (call_site){functions[0], functions[1], frame.currentline};
  return true;
}

static bool is_same_text(lua_State *L, int index, const mw_bulk_text *text) {
  size_t count;
  if (lua_type(L, index) != LUA_TSTRING) return false;
  const char *start = lua_tolstring(L, index, &count);
  return count == text->count && memcmp(start, text->start, count) == 0;
}

static bool keep_text(lua_State *L, int index, mw_bulk_text *text) {
  size_t count;
  if (lua_type(L, index) != LUA_TSTRING) return false;
  const char *start = lua_tolstring(L, index, &count);
  if (count > sizeof text->start) return false;
  memcpy(text->start, start, count);
  text->count = count;
  return true;
}

bool mw_is_bulk_registration(lua_State *L, mw_isolate *isolate, uint32_t function) {
  mw_bulk_registration *bulk = &isolate->bulk;
  call_site found;
  if (bulk->left == 0 || function != bulk->function || lua_gettop(L) != 3 || lua_type(L, 3) != LUA_TFUNCTION ||
      !is_same_text(L, 1, &bulk->texts[0]) || !is_same_text(L, 2, &bulk->texts[1]) ||
      !find_call_site(L, &found, NULL))
    return false;
  return found.line == bulk->line && found.caller == bulk->caller && found.ours == bulk->ours;
}

int mw_add_bulk_registration(lua_State *L, mw_isolate *isolate) {
  mw_bulk_registration *bulk = &isolate->bulk;
  if (!mw_create_callback(L, 3, &bulk->callbacks)) return luaL_error(L, "not enough memory");
  bulk->left--;
  mw_push_handle(L, bulk->next++);
  return 1;
}

void mw_flush_bulk_registration(mw_isolate *isolate) {
  mw_bulk_registration *bulk = &isolate->bulk;
  bulk->left = 0;
  size_t count = bulk->callbacks.count / sizeof(mw_callback);
  bulk->callbacks.count = 0;
  const mw_callback *callbacks = (const void *)bulk->callbacks.start;
  if (count) isolate->config.register_bulk(isolate->config.host, callbacks, count);
}

void mw_expect_bulk_registration(mw_isolate *isolate, uint64_t first, uint32_t most) {
  mw_bulk_registration *bulk = &isolate->bulk;
  lua_State *L = isolate->current;
  const char *sources[2];
  call_site found;
  bulk->left = 0;
  if (!L || lua_gettop(L) != 3 || !keep_text(L, 1, &bulk->texts[0]) || !keep_text(L, 2, &bulk->texts[1]) ||
      !find_call_site(L, &found, sources) || found.line <= 0 || strcmp(sources[0], MW_PRELUDE_SOURCE) != 0 ||
      strcmp(sources[1], MW_PRELUDE_SOURCE) == 0)
    return;
  bulk->ours = found.ours;
  bulk->caller = found.caller;
  bulk->line = found.line;
  bulk->next = first;
  bulk->left = most;
}
