/* Creates an isolate, registers host functions, compiles scripts, and destroys the isolate. Stands on account, buffer,
 * guard, hash, heap, host_call, marks, objects, sandbox, simulated and traceback. */
#include <stdlib.h>

#include "account.h"
#include "buffer.h"
#include "guard.h"
#include "hash.h"
#include "heap.h"
#include "host_call.h"
#include "marks.h"
#include "objects.h"
#include "sandbox.h"
#include "simulated.h"
#include "traceback.h"

static int open_all(lua_State *L) {
  mw_open_marks(L);
  mw_open_sandbox(L);
  mw_open_objects(L);
  mw_open_host_calls(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, mw_of(L)->host_table);
  mw_open_random_seed(L);
  lua_pop(L, 1);
  return 0;
}

/* Lua calls this for an error outside of any protected call, which is a bug in the bridge. */
static int panic(lua_State *L) {
  (void)L;
  abort();
}

mw_isolate *mw_isolate_create(const mw_config *config) {
  mw_isolate *isolate = calloc(1, sizeof *isolate);
  if (!isolate) return NULL;
  isolate->config = *config;
  isolate->heap.cap = config->memory;
  isolate->heap.account = config->account;
  isolate->heap.on_refusal = mw_record_refusal;
  isolate->stall.in_c = config->stall_in_c;
  isolate->stall.in_lua = config->stall_in_lua;
  isolate->main = lua_newstate(config->simulated ? mw_numbered_allocate : mw_heap_allocate, isolate);
  if (isolate->main) {
    lua_atpanic(isolate->main, panic);
    *mw_extra(isolate->main) = (uintptr_t)isolate;
    lua_pushcfunction(isolate->main, open_all);
    /* The room stays: Lua shrinks no stack below what was asked for. */
    if (lua_pcall(isolate->main, 0, 0, 0) == LUA_OK && lua_checkstack(isolate->main, MW_FREE_SLOTS)) {
      if (config->simulated) mw_start_simulation(isolate);
      return isolate;
    }
  }
  mw_isolate_destroy(isolate);
  return NULL;
}

/* The state owns nothing outside its heap, so the heap is released without closing the state. */
void mw_isolate_destroy(mw_isolate *isolate) {
  mw_account_unreserve(isolate->heap.account, isolate->buffered);
  mw_heap_release(&isolate->heap);
  for (uint32_t i = 1; i < isolate->slot_count; i++) mw_buffer_free(&isolate->slots[i].traceback);
  free(isolate->slots);
  free(isolate->arities);
  mw_buffer_free(&isolate->arguments);
  mw_buffer_free(&isolate->reply);
  mw_buffer_free(&isolate->result);
  mw_buffer_free(&isolate->traceback);
  mw_buffer_free(&isolate->scratch);
  mw_buffer_free(&isolate->data);
  mw_buffer_free(&isolate->state);
  mw_buffer_free(&isolate->pending_callbacks);
  mw_buffer_free(&isolate->bulk.callbacks);
  free(isolate);
}

size_t mw_memory_used(const mw_isolate *isolate) { return isolate->heap.used; }
size_t mw_memory_peak(const mw_isolate *isolate) { return isolate->heap.peak; }

void mw_collect(mw_isolate *isolate) {
  mw_heap *heap = &isolate->heap;
  if (isolate->dead || heap->used < heap->collected + heap->cap / 16) return;
  lua_gc(isolate->main, LUA_GCCOLLECT);
  heap->collected = heap->used;
}

void mw_set_memory(mw_isolate *isolate, size_t bytes) { isolate->heap.cap = bytes; }

typedef struct {
  const char *name, *arguments;
  uint32_t function, flags;
} registration;

static int register_function(lua_State *L) { /* stack: registration */
  const registration *r = lua_touserdata(L, 1);
  const char *dot = strchr(r->name, '.');
  bool hidden = strncmp(r->name, "host.", 5) == 0;
  if (hidden) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, mw_of(L)->host_table);
  } else {
    lua_pushglobaltable(L);
    if (dot) {
      lua_pushlstring(L, r->name, (size_t)(dot - r->name));
      luaL_getsubtable(L, -2, lua_tostring(L, -1));
    }
  }
  mw_push_host_function(L, r->function, r->flags, hidden ? dot + 1 : r->name, r->arguments);
  lua_setfield(L, -2, dot ? dot + 1 : r->name);
  return 0;
}

int mw_register(mw_isolate *isolate, const char *name, const char *arguments, uint32_t function, uint32_t flags) {
  registration r = {name, arguments, function, flags};
  lua_pushcfunction(isolate->main, register_function);
  lua_pushlightuserdata(isolate->main, &r);
  int status = lua_pcall(isolate->main, 1, 0, 0);
  lua_settop(isolate->main, 0);
  return status == LUA_OK ? 0 : -1;
}

/* Copies the error on the main stack into the outcome and empties the stack. */
static int fail(mw_isolate *isolate, mw_outcome *outcome) {
  size_t length;
  const char *text = lua_tolstring(isolate->main, -1, &length);
  isolate->result.count = 0;
  if (text) mw_buffer_append(isolate, &isolate->result, text, length);
  *outcome = (mw_outcome){.kind = MW_FAILED, .payload = mw_buffer_bytes(&isolate->result)};
  lua_settop(isolate->main, 0);
  return -1;
}

int mw_prelude(mw_isolate *isolate, const char *name, const uint8_t *text, size_t count, mw_outcome *outcome) {
  lua_State *L = isolate->main;
  int status = luaL_loadbufferx(L, (const char *)text, count, name, "t");
  if (status == LUA_OK) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, isolate->host_table);
    status = lua_pcall(L, 1, 0, 0);
  }
  return status == LUA_OK ? 0 : fail(isolate, outcome);
}

static int keep(lua_State *L) { /* stack: function */
  lua_pushinteger(L, luaL_ref(L, LUA_REGISTRYINDEX));
  return 1;
}

typedef struct {
  const char *name;
  const uint8_t *text;
  size_t count;
  int status;
} compilation;

/* Compiling takes quadratic time for some texts, since Lua looks for each label among all labels of its function. */
static void compile(mw_isolate *isolate, void *context) {
  compilation *compilation = context;
  lua_State *L = isolate->main;
  compilation->status =
    luaL_loadbufferx(L, (const char *)compilation->text, compilation->count, compilation->name, "t");
  if (compilation->status != LUA_OK) return;
  lua_pushcfunction(L, keep);
  lua_insert(L, 1);
  compilation->status = lua_pcall(L, 1, 1, 0);
}

int mw_compile(mw_isolate *isolate, const char *name, const uint8_t *text, size_t count, int64_t cpu,
               mw_callback *callback, mw_outcome *outcome) {
  lua_State *L = isolate->main;
  compilation compilation = {name, text, count, LUA_ERRRUN};
  if (!mw_inspect(isolate, compile, &compilation, cpu)) {
    *outcome = (mw_outcome){.kind = MW_EVICTED, .payload = mw_buffer_bytes(&isolate->result)};
    return -1;
  }
  if (compilation.status != LUA_OK) return fail(isolate, outcome);
  *callback = (mw_callback)lua_tointeger(L, -1);
  lua_settop(L, 0);
  return 0;
}
