/* Writes JSON (RFC 8259; numbers and escapes as RFC 8785). Nothing recurses, so that the function can pass its turn on at
 * any place, and nesting costs no C stack. Tables are read without metamethods. */
#include "json_encoder.h"

#include "json_numbers.h"
#include "marks.h"

enum { ELEMENT_WORK = 8 };

static void write_text(lua_State *L, mw_encoder *e, const char *text, size_t length) {
  mw_put(L, &e->pieces, text, length);
  e->left -= (int64_t)length;
}

static void break_line(lua_State *L, mw_encoder *e) {
  mw_put_byte(L, &e->pieces, '\n');
  for (int i = 0; i < e->depth; i++) mw_put(L, &e->pieces, "  ", 2);
  e->left -= 1 + 2 * e->depth;
}

/* Tables */

/* Opens a frame for the table at the top. */
static mw_json_frame *open_frame(lua_State *L, mw_encoder *e) {
  const void *identity = lua_topointer(L, -1);
  for (int i = 0; i < e->depth; i++)
    if (e->frames[i].identity == identity) mw_json_refuse(L, e, "a table that contains itself has no JSON form");
  if (e->depth == MW_DEEPEST_JSON) mw_json_refuse(L, e, "nested deeper than 128 tables");
  luaL_checkstack(L, 2 * MW_FEW_KEYS + 16, "nested tables");
  mw_json_frame *f = &e->frames[e->depth++];
  *f = (mw_json_frame){.base = lua_gettop(L), .identity = identity};
  return f;
}

/* An array, if the table has an element or is marked so; an object, if its first key is a text. */
static void open_table(lua_State *L, mw_encoder *e) {
  mw_json_frame *f = open_frame(L, e);
  mw_table_mark mark = mw_mark_of(L, f->base);
  bool is_array = mark == MW_ARRAY || (mark == MW_UNMARKED && lua_rawlen(L, f->base) > 0);
  lua_pushnil(L);
  if (!is_array && mark == MW_UNMARKED) {
    if (!lua_next(L, f->base)) {
      is_array = true;
      lua_pushnil(L);
    } else {
      is_array = lua_type(L, -2) == LUA_TNUMBER;
      lua_pop(L, 2);
      lua_pushnil(L);
    }
  }
  f->kind = is_array ? MW_IN_ORDER : MW_COLLECTING;
  f->top = f->base + 1;
  write_text(L, e, is_array ? "[" : "{", 1);
}

static void close_table(lua_State *L, mw_encoder *e) {
  mw_json_frame *f = &e->frames[--e->depth];
  bool is_array = f->kind == MW_IN_ORDER || f->kind == MW_BY_INDEX;
  if (e->how.is_pretty && f->at > 0) break_line(L, e);
  write_text(L, e, is_array ? "]" : "}", 1);
  lua_settop(L, f->base - 1);
}

/* Values */

static void refuse_value(lua_State *L, mw_encoder *e, int index) { /* raises always */
  int type = luaL_getmetafield(L, index, "__name");
  const char *name = type == LUA_TSTRING && lua_isuserdata(L, index) ? lua_tostring(L, -1) : luaL_typename(L, index);
  lua_pushfstring(L, "a %s has no JSON form", name);
  mw_json_refuse(L, e, lua_tostring(L, -1));
}

static void write_number(lua_State *L, mw_encoder *e, int index) {
  char text[MW_NUMBER_SPACE];
  if (lua_isinteger(L, index)) {
    write_text(L, e, text, mw_write_integer(lua_tointeger(L, index), text));
    return;
  }
  double value = lua_tonumber(L, index);
  if (value - value != 0) {
    lua_pushfstring(L, "%s has no JSON form", value != value ? "nan" : value > 0 ? "inf" : "-inf");
    mw_json_refuse(L, e, lua_tostring(L, -1));
  }
  write_text(L, e, text, mw_write_number(value, text));
}

/* Writes a value, or begins to. */
static void write_value(lua_State *L, mw_encoder *e, int index) {
  e->left -= ELEMENT_WORK;
  switch (lua_type(L, index)) {
    case LUA_TNIL: write_text(L, e, "null", 4); break;
    case LUA_TBOOLEAN:
      if (lua_toboolean(L, index)) write_text(L, e, "true", 4);
      else write_text(L, e, "false", 5);
      break;
    case LUA_TNUMBER: write_number(L, e, index); break;
    case LUA_TSTRING:
      e->is_key = false;
      mw_write_string(L, e, index);
      break;
    case LUA_TTABLE:
      lua_pushvalue(L, index);
      open_table(L, e);
      break;
    default:
      if (mw_is_null(L, index)) write_text(L, e, "null", 4);
      else refuse_value(L, e, index);
  }
}

/* What comes before the next element. */
static void separate(lua_State *L, mw_encoder *e, mw_json_frame *f) {
  if (f->at++ > 0) write_text(L, e, ",", 1);
  if (e->how.is_pretty) break_line(L, e);
}

/* Arrays */

static void next_in_order(lua_State *L, mw_encoder *e, mw_json_frame *f) { /* stack: table, key */
  if (!lua_next(L, f->base)) {
    close_table(L, e);
    return;
  }
  int key = f->base + 1;
  if (!lua_isinteger(L, key) || lua_tointeger(L, key) != (lua_Integer)f->at + 1) {
    mw_count_keys(L, f);
    return;
  }
  separate(L, e, f);
  write_value(L, e, key + 1);
}

static void refuse_keys(lua_State *L, mw_encoder *e, const mw_json_frame *f) { /* raises always */
  if (f->other_type) {
    const char *name = f->other_type == LUA_TNUMBER ? "fraction" : lua_typename(L, f->other_type);
    lua_pushfstring(L, "a key that is a %s has no JSON form", name);
    mw_json_refuse(L, e, lua_tostring(L, -1));
  }
  mw_json_refuse(L, e, f->is_object || f->has_texts
                         ? "a table with both numbers and names as keys has no JSON form: use tostring(number)"
                         : "a list with holes has no JSON form: put json.null into them");
}

/* Looks at all keys. stack: table, key */
static void count_keys(lua_State *L, mw_encoder *e, mw_json_frame *f) {
  while (e->left > 0) {
    if (!lua_next(L, f->base)) {
      bool is_array = !f->is_object && !f->has_texts && !f->other_type;
      if (!is_array || f->count != lua_rawlen(L, f->base)) refuse_keys(L, e, f);
      f->kind = MW_BY_INDEX;
      f->top = f->base;
      return;
    }
    lua_pop(L, 1);
    int type = lua_type(L, -1);
    if (type == LUA_TSTRING) f->has_texts = true;
    else if (!lua_isinteger(L, -1) && type > f->other_type) f->other_type = type;
    f->count++;
    e->left -= ELEMENT_WORK;
  }
}

static void next_by_index(lua_State *L, mw_encoder *e, mw_json_frame *f) { /* stack: table */
  if (f->at == f->count) {
    close_table(L, e);
    return;
  }
  separate(L, e, f);
  if (lua_rawgeti(L, f->base, (lua_Integer)f->at) == LUA_TNIL)
    mw_json_refuse(L, e, "a list with holes has no JSON form: put json.null into them");
  write_value(L, e, f->base + 1);
}

/* Objects */

static void write_member(lua_State *L, mw_encoder *e, mw_json_frame *f, int key);

static void next_member(lua_State *L, mw_encoder *e, mw_json_frame *f) {
  if (f->at == f->count) {
    f->key = 0;
    close_table(L, e);
    return;
  }
  if (f->kind == MW_FEW) {
    write_member(L, e, f, f->base + 1 + 2 * e->order[e->depth - 1][f->at]);
    return;
  }
  const mw_sort_key *keys = lua_touserdata(L, f->base + 2);
  lua_rawgeti(L, f->base + 1, (lua_Integer)keys[f->at].place + 1);
  lua_pushvalue(L, -1);
  if (lua_rawget(L, f->base) == LUA_TNIL) { /* it was removed meanwhile */
    lua_pop(L, 2);
    mw_json_refuse(L, e, "the table was changed while it was written");
  }
  write_member(L, e, f, f->base + 3);
}

/* The value, which is behind the key on the stack, comes with the next step. */
static void write_member(lua_State *L, mw_encoder *e, mw_json_frame *f, int key) {
  separate(L, e, f);
  f->key = key;
  e->is_key = true;
  mw_write_string(L, e, key);
}

/* A key has been written. */
static void write_member_value(lua_State *L, mw_encoder *e) {
  const mw_json_frame *f = &e->frames[e->depth - 1];
  e->is_key = false;
  if (e->how.is_pretty) write_text(L, e, ": ", 2);
  else write_text(L, e, ":", 1);
  write_value(L, e, f->key + 1);
}

/* Steps */

static int go_on(lua_State *L, int status, lua_KContext context);

static void end_step(lua_State *L, mw_encoder *e) {
  if (mw_pieces_length(&e->pieces) > e->most) {
    lua_pushfstring(L, "the text would have more than %I bytes", (LUAI_UACINT)e->most);
    e->depth = 0;
    mw_json_refuse(L, e, lua_tostring(L, -1));
  }
  size_t done = (size_t)(MW_STEP_BYTES - e->left);
  e->left = MW_STEP_BYTES;
  mw_end_step(L, done, e, sizeof *e, MW_ENCODE_KEPT, go_on);
}

static void step(lua_State *L, mw_encoder *e) {
  mw_json_frame *f = &e->frames[e->depth - 1];
  lua_settop(L, f->top);
  switch (f->kind) {
    case MW_IN_ORDER: next_in_order(L, e, f); break;
    case MW_COUNTING: count_keys(L, e, f); break;
    case MW_BY_INDEX: next_by_index(L, e, f); break;
    case MW_COLLECTING: mw_collect_keys(L, e, f); break;
    case MW_LISTING: mw_list_keys(L, e, f); break;
    case MW_SORTING: mw_sort_keys(L, e, f); break;
    default: next_member(L, e, f);
  }
}

static int run(lua_State *L, mw_encoder *e) { /* raises */
  for (;;) {
    if (e->left <= 0) end_step(L, e);
    if (e->string) mw_go_on_writing(L, e);
    else if (e->is_key) write_member_value(L, e);
    else if (e->depth > 0) step(L, e);
    else break;
  }
  if (mw_pieces_length(&e->pieces) > e->most) end_step(L, e);
  mw_push_pieces(L, &e->pieces);
  return 1;
}

static int go_on(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  mw_encoder e;
  mw_take_up(L, &e, sizeof e, MW_ENCODE_KEPT);
  return run(L, &e);
}

int mw_json_write(lua_State *L, const mw_json_writing *how, size_t most) {
  mw_encoder e;
  mw_check_c_stack(L, "json.encode");
  luaL_checkstack(L, 16, "json.encode");
  e.how = *how;
  e.most = most;
  e.left = MW_STEP_BYTES;
  e.string = NULL;
  e.is_key = false;
  e.depth = 0;
  mw_begin_pieces(&e.pieces, MW_ENCODE_PIECES);
  write_value(L, &e, MW_ENCODE_VALUE);
  return run(L, &e);
}
