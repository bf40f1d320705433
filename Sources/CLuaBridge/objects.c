/* Run objects, job handles and the `cancel` word. Each is a userdata that holds numbers only, with a hidden metatable,
 * so that the garbage collector may free it without telling the host. */
#include "objects.h"

#include "traceback.h"

typedef struct {
  mw_run run;
  mw_coroutine coroutine;
} run_object;

enum { RUN_ARGS = 1, RUN_EVENT, RUN_STATE, RUN_VALUES = RUN_STATE };

static const char declined_identity;
const void *const mw_declined_token = &declined_identity;

static const char id_digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void mw_format_id(uint64_t id, char text[14]) {
  for (int i = 12; i >= 0; i--) {
    text[i] = id_digits[id & 31];
    id >>= 5;
  }
  text[13] = 0;
}

enum run_field {
  FIELD_ID = 1, FIELD_JOB, FIELD_N, FIELD_ATTEMPT, FIELD_SCHEDULED, FIELD_FIRED, FIELD_LATE, FIELD_ARGS, FIELD_EVENT,
  FIELD_STATE,
};

static const struct { const char *name; int field; } run_fields[] = {
  {"id", FIELD_ID}, {"job", FIELD_JOB}, {"n", FIELD_N}, {"attempt", FIELD_ATTEMPT}, {"scheduled_at", FIELD_SCHEDULED},
  {"fired_at", FIELD_FIRED}, {"late", FIELD_LATE}, {"args", FIELD_ARGS}, {"event", FIELD_EVENT},
  {"state", FIELD_STATE},
};

/* stack: run, key; upvalue 1: field numbers by name, upvalue 2: the table with the prelude's function for other keys */
static int run_index(lua_State *L) {
  run_object *object = lua_touserdata(L, 1);
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  char text[14];
  switch (lua_tointeger(L, -1)) {
    case FIELD_ID: mw_format_id(object->run.id, text); lua_pushlstring(L, text, 13); return 1;
    case FIELD_JOB: mw_push_handle(L, object->run.job); return 1;
    case FIELD_N: lua_pushinteger(L, object->run.number); return 1;
    case FIELD_ATTEMPT: lua_pushinteger(L, object->run.attempt); return 1;
    case FIELD_SCHEDULED: lua_pushnumber(L, (double)object->run.scheduled_at / 1e9); return 1;
    case FIELD_FIRED: lua_pushnumber(L, (double)object->run.fired_at / 1e9); return 1;
    case FIELD_LATE: lua_pushnumber(L, (double)object->run.fired_at / 1e9 - (double)object->run.scheduled_at / 1e9); return 1;
    case FIELD_ARGS: lua_getiuservalue(L, 1, RUN_ARGS); return 1;
    case FIELD_EVENT: lua_getiuservalue(L, 1, RUN_EVENT); return 1;
    case FIELD_STATE: lua_getiuservalue(L, 1, RUN_STATE); return 1;
    default: break;
  }
  lua_getfield(L, lua_upvalueindex(2), "run_index");
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  lua_call(L, 2, 1);
  return 1;
}

static int run_text(lua_State *L) {
  run_object *object = lua_touserdata(L, 1);
  char text[14];
  mw_format_id(object->run.id, text);
  lua_pushfstring(L, "run %s", text);
  return 1;
}

/* stack: run, key, value */
static int run_newindex(lua_State *L) {
  run_object *object = lua_touserdata(L, 1);
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  mw_where(L);
  if (strcmp(key, "state") != 0)
    lua_pushliteral(L, "only run.state can be assigned: the other fields of a run are read-only");
  else if (!(object->run.payload_flags & MW_PAYLOAD_STATE))
    lua_pushliteral(L, "this job has no state: declare an initial one, as in state = {}");
  else if (lua_type(L, 3) != LUA_TTABLE) lua_pushfstring(L, "run.state must be a table, not a %s", luaL_typename(L, 3));
  else {
    lua_settop(L, 3);
    lua_setiuservalue(L, 1, RUN_STATE);
    return 0;
  }
  lua_concat(L, 2);
  return lua_error(L);
}

void mw_push_run(lua_State *L, const mw_run *run, mw_coroutine coroutine, int first) {
  static const struct { uint32_t flag; int value; } values[] = {
    {MW_PAYLOAD_ARGUMENTS, RUN_ARGS}, {MW_PAYLOAD_EVENT | MW_PAYLOAD_EVENTS, RUN_EVENT}, {MW_PAYLOAD_STATE, RUN_STATE},
  };
  run_object *object = lua_newuserdatauv(L, sizeof *object, RUN_VALUES);
  object->run = *run;
  object->coroutine = coroutine;
  lua_rawgeti(L, LUA_REGISTRYINDEX, mw_of(L)->run_metatable);
  lua_setmetatable(L, -2);
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    if (!(run->payload_flags & values[i].flag)) continue;
    lua_pushvalue(L, first++);
    lua_setiuservalue(L, -2, values[i].value);
  }
}

bool mw_push_state(lua_State *L, int run) {
  const run_object *object = lua_touserdata(L, run);
  if (!object || (object->run.payload_flags & (MW_PAYLOAD_STATE | MW_PAYLOAD_VALUE)) != MW_PAYLOAD_STATE) return false;
  lua_getiuservalue(L, run, RUN_STATE);
  return true;
}

void mw_push_handle(lua_State *L, uint64_t job) {
  uint64_t *handle = lua_newuserdatauv(L, sizeof *handle, 0);
  *handle = job;
  lua_rawgeti(L, LUA_REGISTRYINDEX, mw_of(L)->job_metatable);
  lua_setmetatable(L, -2);
  uint64_t (*number_of)(lua_State *, int) = mw_of(L)->number_of;
  if (number_of) number_of(L, -1);
}

bool mw_to_handle(lua_State *L, int index, uint64_t *job) {
  index = lua_absindex(L, index);
  uint64_t *handle = lua_touserdata(L, index);
  if (!handle || lua_islightuserdata(L, index) || !lua_getmetatable(L, index)) return false;
  lua_rawgeti(L, LUA_REGISTRYINDEX, mw_of(L)->job_metatable);
  bool is_handle = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  if (is_handle) *job = *handle;
  return is_handle;
}

static int handles_equal(lua_State *L) {
  uint64_t left, right;
  lua_pushboolean(L, mw_to_handle(L, 1, &left) && mw_to_handle(L, 2, &right) && left == right);
  return 1;
}

static int cancel_misused(lua_State *L) {
  return luaL_error(L, "cancel is not a function: write `return cancel` at the end of a callback");
}

static int cancel_text(lua_State *L) {
  lua_pushliteral(L, "cancel");
  return 1;
}

static void hide(lua_State *L) { /* stack: metatable */
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
}

static void open_run(lua_State *L) {
  mw_isolate *isolate = mw_of(L);
  lua_createtable(L, 0, 5);
  lua_createtable(L, 0, 12);
  for (size_t i = 0; i < sizeof run_fields / sizeof *run_fields; i++) {
    lua_pushinteger(L, run_fields[i].field);
    lua_setfield(L, -2, run_fields[i].name);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, isolate->host_table);
  lua_pushcclosure(L, run_index, 2);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, run_newindex);
  lua_setfield(L, -2, "__newindex");
  lua_pushcfunction(L, run_text);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "run");
  lua_setfield(L, -2, "__name");
  hide(L);
  isolate->run_metatable = luaL_ref(L, LUA_REGISTRYINDEX);
}

static void open_job(lua_State *L) {
  mw_isolate *isolate = mw_of(L);
  lua_createtable(L, 0, 5);
  lua_pushcfunction(L, handles_equal);
  lua_setfield(L, -2, "__eq");
  lua_pushliteral(L, "job");
  lua_setfield(L, -2, "__name");
  hide(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, isolate->host_table);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "job_metatable"); /* the prelude adds the methods */
  lua_pop(L, 1);
  isolate->job_metatable = luaL_ref(L, LUA_REGISTRYINDEX);
}

static void open_cancel(lua_State *L) {
  lua_newuserdatauv(L, 1, 0);
  lua_createtable(L, 0, 4);
  lua_pushcfunction(L, cancel_misused);
  lua_setfield(L, -2, "__call");
  lua_pushcfunction(L, cancel_text);
  lua_setfield(L, -2, "__tostring");
  hide(L);
  lua_setmetatable(L, -2);
  mw_of(L)->cancel = lua_touserdata(L, -1);
  lua_pushvalue(L, -1);
  luaL_ref(L, LUA_REGISTRYINDEX);
  lua_setglobal(L, "cancel");
}

void mw_open_objects(lua_State *L) {
  lua_createtable(L, 0, 32);
  lua_pushcfunction(L, mw_traceback);
  lua_setfield(L, -2, "traceback");
  lua_pushlightuserdata(L, (void *)mw_declined_token);
  lua_setfield(L, -2, "declined");
  mw_of(L)->host_table = luaL_ref(L, LUA_REGISTRYINDEX);
  open_run(L);
  open_job(L);
  open_cancel(L);
}
