/* Texts of values that show no address: an address is half of what an attack on a fault of Lua or libc needs.
 *
 * tostring and string.format show a number in place of the address. It is the address, encrypted with a key of the
 * isolate. So, as with addresses, one object has one number and two objects never have the same. Simulated isolates
 * number their objects instead (mw_isolate.number_of). */
#include "texts.h"

#include <sys/auxv.h>
#include <sys/random.h>

/* The cipher Speck, with blocks of 64 bits and keys of 128. */

static inline uint32_t right(uint32_t x, int bits) { return x >> bits | x << (32 - bits); }
static inline uint32_t left(uint32_t x, int bits) { return x << bits | x >> (32 - bits); }

static void expand_key(const uint32_t key[4], uint32_t round_keys[MW_CIPHER_ROUNDS]) {
  uint32_t k = key[0], l[3] = {key[1], key[2], key[3]};
  for (uint32_t i = 0; i < MW_CIPHER_ROUNDS; i++) {
    round_keys[i] = k;
    uint32_t *next = &l[i % 3];
    *next = (k + right(*next, 8)) ^ i;
    k = left(k, 3) ^ *next;
  }
}

static uint64_t encrypt(const uint32_t round_keys[MW_CIPHER_ROUNDS], uint64_t block) {
  uint32_t x = (uint32_t)(block >> 32), y = (uint32_t)block;
  for (int i = 0; i < MW_CIPHER_ROUNDS; i++) {
    x = (right(x, 8) + y) ^ round_keys[i];
    y = left(y, 3) ^ x;
  }
  return (uint64_t)x << 32 | y;
}

static void make_key(mw_isolate *isolate) {
  uint32_t key[4];
  if (getrandom(key, sizeof key, 0) != sizeof key) memcpy(key, (const void *)getauxval(AT_RANDOM), sizeof key);
  expand_key(key, isolate->address_key);
}

/* Texts */

enum { ADDRESS_SPACE = 20 };

static void write_number(uint64_t number, char text[ADDRESS_SPACE]) {
  int end = number >> 32 ? 18 : 10;
  text[0] = '0';
  text[1] = 'x';
  text[end] = 0;
  for (int i = end - 1; i >= 2; i--, number >>= 4) text[i] = "0123456789abcdef"[number & 15];
}

static void format_address(lua_State *L, int index, char text[ADDRESS_SPACE]) { /* raises */
  const mw_isolate *isolate = mw_of(L);
  uintptr_t address = (uintptr_t)lua_topointer(L, index);
  write_number(isolate->number_of ? isolate->number_of(L, index) : encrypt(isolate->address_key, address), text);
}

static inline bool is_object(int type) {
  return type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TTHREAD || type == LUA_TUSERDATA ||
         type == LUA_TLIGHTUSERDATA;
}

/* stack: +text */
static void push_text(lua_State *L, int index) { /* raises */
  if (!is_object(lua_type(L, index)) || luaL_getmetafield(L, index, "__tostring") != LUA_TNIL) {
    luaL_tolstring(L, index, NULL);
    return;
  }
  char address[ADDRESS_SPACE];
  format_address(L, index, address);
  int type = luaL_getmetafield(L, index, "__name");
  lua_pushfstring(L, "%s: %s", type == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, index), address);
}

static int text_of(lua_State *L) { /* stack: value */
  luaL_checkany(L, 1);
  push_text(L, 1);
  return 1;
}

/* Moves to the letter of the next conversion of a format that takes a value. False at its end. */
static bool next_conversion(const char *format, size_t length, size_t *at) {
  for (size_t i = *at; i < length; i++) {
    if (format[i] != '%') continue;
    i += 1 + strspn(format + i + 1, "-+ #0123456789.");
    if (i >= length || format[i] == '%') continue;
    *at = i;
    return true;
  }
  return false;
}

static bool has_address(lua_State *L, int index) {
  int type = lua_type(L, index);
  return is_object(type) || (type == LUA_TSTRING && !mw_of(L)->number_of);
}

/* Whether the stock function would show an address. */
static bool shows_address(lua_State *L, const char *format, size_t length) {
  int top = lua_gettop(L), value = 1;
  for (size_t at = 0; next_conversion(format, length, &at); at++) {
    if (++value > top) return false;
    if (format[at] == 'p' || (format[at] == 's' && is_object(lua_type(L, value)))) return true;
  }
  return false;
}

/* Puts a text in place of each value of which an address would be shown. The format is changed to match. stack: format,
 * values */
static void replace_addresses(lua_State *L, char *format, size_t length, int top) { /* raises */
  int value = 1;
  for (size_t at = 0; next_conversion(format, length, &at) && ++value <= top; at++) {
    if (format[at] == 's' && is_object(lua_type(L, value))) {
      push_text(L, value);
      lua_replace(L, value);
    } else if (format[at] == 'p') {
      char address[ADDRESS_SPACE] = "(null)";
      if (has_address(L, value)) format_address(L, value, address);
      format[at] = 's';
      lua_pushstring(L, address);
      lua_replace(L, value);
    }
    lua_settop(L, top + 1);
  }
}

/* Goes on as the stock function in the same frame, so its errors name the function as ever. stack: format, values;
 * upvalue: the stock function */
static int format_values(lua_State *L) {
  size_t length;
  const char *given = luaL_checklstring(L, 1, &length);
  lua_CFunction stock = lua_tocfunction(L, lua_upvalueindex(1));
  if (!shows_address(L, given, length)) return stock(L);
  int top = lua_gettop(L);
  char *format = memcpy(lua_newuserdatauv(L, length + 1, 0), given, length + 1);
  replace_addresses(L, format, length, top);
  lua_pushlstring(L, format, length);
  lua_replace(L, 1);
  lua_settop(L, top);
  return stock(L);
}

void mw_open_texts(lua_State *L) { /* stack: globals */
  make_key(mw_of(L));
  lua_pushcfunction(L, text_of);
  lua_setfield(L, -2, "tostring");
  lua_getfield(L, -1, "string");
  lua_getfield(L, -1, "format");
  lua_pushcclosure(L, format_values, 1);
  lua_setfield(L, -2, "format");
  lua_pop(L, 1);
}
