/* Reads JSON (RFC 8259) to values on the Lua stack. Nothing recurses: the open arrays and objects are a list of levels,
 * so that the function can pass its turn on in the middle of a text, and nesting costs no C stack.
 *
 * The elements of an array, and the keys and values of an object, lie on the Lua stack behind a place for their table
 * until there are PENDING of them, or the array or object ends. So most tables are made with the size that they need. */
#include "json_decoder.h"

#include "json_numbers.h"
#include "marks.h"
#include "traceback.h"

enum { PENDING = 64 };

/* Arrays and objects */

static void set_member(lua_State *L, const mw_json_level *l, int key) {
  lua_pushvalue(L, key);
  if (lua_isnil(L, key + 1)) { /* only removes an earlier value */
    bool is_there = lua_rawget(L, l->base) != LUA_TNIL;
    lua_pop(L, 1);
    if (!is_there) return;
    lua_pushvalue(L, key);
  }
  lua_pushvalue(L, key + 1);
  lua_rawset(L, l->base);
}

/* Moves what is pending into the table. */
static void flush(lua_State *L, mw_json_level *l) {
  if (!l->has_table) {
    lua_createtable(L, l->is_object ? 0 : l->pending, l->is_object ? l->pending / 2 : 0);
    lua_replace(L, l->base);
    l->has_table = true;
  }
  int first = l->base + 1, last = l->base + l->pending;
  if (l->is_object) {
    for (int key = first; key < last; key += 2) set_member(L, l, key);
  } else {
    for (int i = first; i <= last; i++) {
      lua_pushvalue(L, i);
      lua_rawseti(L, l->base, ++l->count);
    }
  }
  l->pending = 0;
  lua_settop(L, l->base);
}

static void open_level(lua_State *L, mw_decoder *d, bool is_object) {
  if (d->depth == MW_JSON_DEPTH) {
    mw_json_fail(L, d, d->at, "more than 128 arrays and objects within each other");
    return;
  }
  luaL_checkstack(L, PENDING + 16, "nested arrays and objects");
  lua_pushnil(L);
  d->levels[d->depth++] = (mw_json_level){.base = lua_gettop(L), .is_object = is_object};
  d->at++;
  d->state = MW_AT_FIRST;
}

/* A value has been pushed. */
static void add_value(lua_State *L, mw_decoder *d) {
  if (d->depth == 0) {
    d->state = MW_AT_END;
    return;
  }
  mw_json_level *l = &d->levels[d->depth - 1];
  d->state = MW_AFTER_VALUE;
  /* Keys are compared with those in the table. */
  if (++l->pending == PENDING || (l->is_object && d->how.refuses_same)) flush(L, l);
}

static void add_key(lua_State *L, mw_decoder *d) {
  mw_json_level *l = &d->levels[d->depth - 1];
  d->state = MW_AT_COLON;
  if (d->how.refuses_same && l->has_table) {
    lua_pushvalue(L, -1);
    bool is_there = lua_rawget(L, l->base) != LUA_TNIL;
    lua_pop(L, 1);
    if (is_there) {
      l->pending++;
      mw_json_fail(L, d, d->string, "an object has the same key twice,");
      return;
    }
  }
  l->pending++;
}

static void remove_nulls(lua_State *L, int table) {
  for (lua_pushnil(L); lua_next(L, table);) {
    bool is_null = mw_is_null(L, -1);
    lua_pop(L, 1);
    if (!is_null) continue;
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_rawset(L, table);
  }
}

static void close_level(lua_State *L, mw_decoder *d) {
  mw_json_level *l = &d->levels[d->depth - 1];
  bool is_empty = !l->has_table && l->pending == 0;
  flush(L, l);
  if (is_empty) mw_mark(L, l->base, l->is_object ? MW_OBJECT : MW_ARRAY);
  if (l->has_nulls) remove_nulls(L, l->base);
  d->at++;
  d->depth--;
  add_value(L, d);
}

/* Values without parts */

static bool is_in_object(const mw_decoder *d) { return d->depth > 0 && d->levels[d->depth - 1].is_object; }

static void push_absent(lua_State *L, mw_decoder *d) {
  if (!is_in_object(d) || d->how.keeps_nulls) mw_push_null(L);
  else if (!d->how.refuses_same) lua_pushnil(L);
  else {
    d->levels[d->depth - 1].has_nulls = true;
    mw_push_null(L);
  }
}

static void read_word(lua_State *L, mw_decoder *d) {
  static const char *const words[] = {"null", "true", "false"};
  for (int i = 0; i < 3; i++) {
    size_t length = strlen(words[i]);
    if ((size_t)(d->end - d->at) < length || memcmp(d->at, words[i], length) != 0) continue;
    d->at += length;
    if (i == 0) push_absent(L, d);
    else lua_pushboolean(L, i == 1);
    add_value(L, d);
    return;
  }
  mw_json_expected(L, d, d->at, "a value");
}

static void read_number(lua_State *L, mw_decoder *d) {
  const uint8_t *wrong = NULL, *start = d->at;
  mw_number number = mw_scan_number(start, d->end, &wrong);
  if (number.length == 0) {
    if (wrong < d->end && *wrong >= '0' && *wrong <= '9') mw_json_fail(L, d, start, "a number with a leading zero");
    else mw_json_expected(L, d, wrong, "a digit");
    return;
  }
  if (number.length > MW_LONGEST_NUMBER) {
    mw_json_fail(L, d, start, "a number of more than 1024 characters");
    return;
  }
  if (number.is_exact) lua_pushinteger(L, number.integer);
  else if (number.is_easy) lua_pushnumber(L, number.number);
  else if (number.is_integer && d->how.big == MW_BIG_STRING) lua_pushlstring(L, (const char *)start, number.length);
  else if (number.is_integer && d->how.big == MW_BIG_ERROR) {
    mw_json_fail(L, d, start, "an integer of more than 64 bits");
    return;
  } else {
    double value = mw_read_number(start);
    if (value - value != 0) {
      mw_json_fail(L, d, start, "a number that is out of range");
      return;
    }
    lua_pushnumber(L, value);
  }
  d->at += number.length;
  add_value(L, d);
}

/* Steps */

static void read_value(lua_State *L, mw_decoder *d) {
  if (d->at >= d->end) {
    mw_json_expected(L, d, d->at, "a value");
    return;
  }
  switch (*d->at) {
    case '"': mw_begin_string(d, false); break;
    case '{': open_level(L, d, true); break;
    case '[': open_level(L, d, false); break;
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
      read_number(L, d);
      break;
    default: read_word(L, d);
  }
}

static void read_key(lua_State *L, mw_decoder *d) {
  if (d->at >= d->end || *d->at != '"') {
    mw_json_expected(L, d, d->at, "a key in double quotes");
    return;
  }
  mw_begin_string(d, true);
}

static void read_next(lua_State *L, mw_decoder *d) {
  const mw_json_level *l = &d->levels[d->depth - 1];
  uint8_t byte = d->at < d->end ? *d->at : 0;
  if (byte == (l->is_object ? '}' : ']')) close_level(L, d);
  else if (d->state == MW_AT_FIRST) d->state = l->is_object ? MW_AT_KEY : MW_AT_VALUE;
  else if (byte == ',') {
    d->at++;
    d->state = l->is_object ? MW_AT_KEY : MW_AT_VALUE;
  } else {
    mw_json_expected(L, d, d->at, l->is_object ? "a comma or \"}\"" : "a comma or \"]\"");
  }
}

static void read_colon(lua_State *L, mw_decoder *d) {
  if (d->at < d->end && *d->at == ':') {
    d->at++;
    d->state = MW_AT_VALUE;
  } else {
    mw_json_expected(L, d, d->at, "a colon after the key");
  }
}

static void skip_space(mw_decoder *d) {
  const uint8_t *stop = d->step_start + MW_STEP_BYTES;
  if (stop > d->end) stop = d->end;
  while (d->at < stop && (*d->at == ' ' || *d->at == '\n' || *d->at == '\r' || *d->at == '\t')) d->at++;
}

static int go_on(lua_State *L, int status, lua_KContext context);

static void end_step(lua_State *L, mw_decoder *d) {
  size_t done = (size_t)(d->at - d->step_start);
  d->step_start = d->at;
  mw_end_step(L, done, d, sizeof *d, MW_JSON_KEPT, go_on);
}

static int finish(lua_State *L, const mw_decoder *d) {
  if (d->state == MW_READ) return 1;
  if (d->how.raises) {
    mw_where(L);
    lua_insert(L, -2);
    lua_concat(L, 2);
    return lua_error(L);
  }
  lua_pushnil(L);
  lua_insert(L, -2);
  lua_pushliteral(L, "json");
  return 3;
}

static int run(lua_State *L, mw_decoder *d) { /* raises */
  while (d->state != MW_READ && d->state != MW_WRONG) {
    if (d->at - d->step_start >= MW_STEP_BYTES) end_step(L, d);
    if (d->state == MW_IN_STRING) {
      mw_read_string(L, d);
      if (d->state != MW_AFTER_STRING) continue;
      if (d->is_key) add_key(L, d);
      else add_value(L, d);
      continue;
    }
    skip_space(d);
    if (d->at - d->step_start >= MW_STEP_BYTES) continue;
    switch (d->state) {
      case MW_AT_VALUE: read_value(L, d); break;
      case MW_AT_KEY: read_key(L, d); break;
      case MW_AT_COLON: read_colon(L, d); break;
      case MW_AFTER_VALUE: case MW_AT_FIRST: read_next(L, d); break;
      default:
        if (d->at < d->end) mw_json_expected(L, d, d->at, "the end");
        else d->state = MW_READ;
    }
  }
  return finish(L, d);
}

static int go_on(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  mw_decoder d;
  mw_take_up(L, &d, sizeof d, MW_JSON_KEPT);
  return run(L, &d);
}

int mw_json_read(lua_State *L, const mw_json_reading *how, size_t from, size_t to) {
  mw_decoder d;
  mw_check_c_stack(L, "json.decode");
  luaL_checkstack(L, 16, "json.decode");
  d.how = *how;
  d.text = (const uint8_t *)lua_tostring(L, MW_JSON_TEXT);
  d.at = d.step_start = d.text + from;
  d.end = d.text + to;
  d.state = MW_AT_VALUE;
  d.depth = 0;
  mw_begin_pieces(&d.pieces, MW_JSON_PIECES);
  if (to - from >= 3 && memcmp(d.at, "\xEF\xBB\xBF", 3) == 0) {
    if (how->replaces) d.at += 3;
    else mw_json_fail(L, &d, d.at, "a byte order mark");
  }
  return run(L, &d);
}
