/* Digests, random values, and bytes as text. What depends on the length of a text works in steps. */
#include "hash.h"

#include "base64.h"
#include "digest.h"
#include "long_calls.h"
#include "options.h"
#include "pieces.h"
#include "random.h"

enum { KEPT = 3, PIECES = 4 };

/* Digests */

enum { AS_HEX, AS_BASE64, AS_BASE64URL, AS_BYTES };

typedef struct {
  const uint8_t *at, *end; /* the rest of the text at index 1 */
  int as;
  bool has_key;
  mw_digest inner, outer; /* `outer` is that of the padded key, if there is one */
} digest_work;

static void read_form(lua_State *L, int index, const char *function, int *as) { /* raises */
  static const char *const forms[] = {"hex", "base64", "base64url", "bytes", NULL};
  mw_option options[] = {{"as", forms, as}, {NULL, NULL, NULL}};
  mw_read_options(L, index, function, options);
}

static int push_digest(lua_State *L, const uint8_t digest[MW_DIGEST], int as) {
  uint8_t text[2 * MW_DIGEST];
  size_t length = as == AS_HEX     ? mw_write_hex(digest, MW_DIGEST, text)
                  : as == AS_BYTES ? MW_DIGEST
                                   : mw_write_base64(digest, MW_DIGEST, as == AS_BASE64URL, text);
  lua_pushlstring(L, (const char *)(as == AS_BYTES ? digest : text), length);
  return 1;
}

static int go_on_digesting(lua_State *L, int status, lua_KContext context);

static int run_digest(lua_State *L, digest_work *work) { /* raises */
  while (work->at < work->end) {
    size_t rest = (size_t)(work->end - work->at), part = rest < MW_STEP_BYTES ? rest : MW_STEP_BYTES;
    mw_digest_add(&work->inner, work->at, part);
    work->at += part;
    mw_end_step(L, part, work, sizeof *work, KEPT, go_on_digesting);
  }
  uint8_t digest[MW_DIGEST];
  mw_digest_end(&work->inner, digest);
  if (work->has_key) {
    mw_digest_add(&work->outer, digest, MW_DIGEST);
    mw_digest_end(&work->outer, digest);
  }
  return push_digest(L, digest, work->as);
}

static int go_on_digesting(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  digest_work work;
  mw_take_up(L, &work, sizeof work, KEPT);
  return run_digest(L, &work);
}

static int begin_digest(lua_State *L, digest_work *work, const char *text, size_t length) {
  lua_settop(L, KEPT - 1);
  lua_pushnil(L);
  work->at = (const uint8_t *)text;
  work->end = work->at + length;
  return run_digest(L, work);
}

static int sha256(lua_State *L) { /* stack: text, options */
  digest_work work = {.as = AS_HEX};
  size_t length;
  const char *text = mw_text_argument(L, 1, "hash.sha256", "a text", &length);
  read_form(L, 2, "hash.sha256", &work.as);
  mw_digest_begin(&work.inner);
  return begin_digest(L, &work, text, length);
}

/* RFC 2104. */
static void add_key(digest_work *work, const char *key, size_t length) {
  uint8_t block[MW_DIGEST_BLOCK] = {0}, padded[MW_DIGEST_BLOCK];
  if (length > MW_DIGEST_BLOCK) {
    mw_digest_begin(&work->inner);
    mw_digest_add(&work->inner, key, length);
    mw_digest_end(&work->inner, block);
  } else if (length > 0) {
    memcpy(block, key, length);
  }
  for (size_t i = 0; i < MW_DIGEST_BLOCK; i++) padded[i] = block[i] ^ 0x36;
  mw_digest_begin(&work->inner);
  mw_digest_add(&work->inner, padded, MW_DIGEST_BLOCK);
  for (size_t i = 0; i < MW_DIGEST_BLOCK; i++) padded[i] = block[i] ^ 0x5c;
  mw_digest_begin(&work->outer);
  mw_digest_add(&work->outer, padded, MW_DIGEST_BLOCK);
  work->has_key = true;
}

enum { LONGEST_KEY = 64 << 10 };

static int hmac(lua_State *L) { /* stack: key, text, options */
  digest_work work = {.as = AS_HEX};
  size_t key_length, length;
  const char *key = mw_text_argument(L, 1, "hash.hmac", "a key first, which is a text", &key_length);
  const char *text = mw_text_argument(L, 2, "hash.hmac", "a text after the key", &length);
  read_form(L, 3, "hash.hmac", &work.as);
  if (key_length > LONGEST_KEY) {
    lua_pushliteral(L, "hash.hmac takes a key of at most 65536 bytes");
    return mw_raise(L);
  }
  add_key(&work, key, key_length);
  return begin_digest(L, &work, text, length);
}

/* Does not tell by its time where two texts of the same length differ. */
static int equal(lua_State *L) { /* stack: text, text */
  size_t length, other_length;
  const char *text = mw_text_argument(L, 1, "hash.equal", "two texts", &length);
  const char *other = mw_text_argument(L, 2, "hash.equal", "two texts", &other_length);
  volatile uint8_t difference = length != other_length;
  size_t count = length < LONGEST_KEY ? length : LONGEST_KEY;
  if (length > LONGEST_KEY || other_length > LONGEST_KEY) {
    lua_pushliteral(L, "hash.equal takes texts of at most 65536 bytes");
    return mw_raise(L);
  }
  for (size_t i = 0; i < count && length == other_length; i++) difference |= (uint8_t)(text[i] ^ other[i]);
  lua_pushboolean(L, difference == 0);
  return 1;
}

/* Bytes as text */

enum form { TO_BASE64, TO_HEX, FROM_BASE64, FROM_HEX };

typedef struct {
  const uint8_t *start, *at, *end; /* of the text at index 1, without padding */
  enum form form;
  int is_url;
  bool is_short; /* characters are missing at its end, before the padding or instead of it */
  mw_pieces pieces;
} form_work;

/* What a step takes: whole groups, of which the result fits into a piece. */
enum { FORM_STEP = 4092 };

static size_t convert(form_work *work, size_t part, uint8_t *room, size_t *written) {
  switch (work->form) {
    case TO_BASE64: *written = mw_write_base64(work->at, part, work->is_url, room); return part;
    case TO_HEX: *written = mw_write_hex(work->at, part, room); return part;
    case FROM_BASE64: *written = part * 3 / 4; return mw_read_base64(work->at, part, work->is_url, room);
    default: *written = part / 2; return mw_read_hex(work->at, part, room);
  }
}

/* stack: +nil, message, code */
static int refuse_text(lua_State *L, const form_work *work, size_t right) {
  bool is_hex = work->form == FROM_HEX;
  bool ends_soon = work->at + right >= work->end;
  lua_Integer place = ends_soon ? (lua_Integer)lua_rawlen(L, 1) : work->at - work->start + (lua_Integer)right;
  lua_pushnil(L);
  lua_pushfstring(L, ends_soon ? "the %s ends too soon, at byte %I" : "no %s at byte %I",
                  is_hex ? "hexadecimal text" : work->is_url ? "base64 of URLs" : "base64", (LUAI_UACINT)(place + 1));
  lua_pushstring(L, is_hex ? "hex" : "base64");
  return 3;
}

static int go_on_converting(lua_State *L, int status, lua_KContext context);

static int run_form(lua_State *L, form_work *work) { /* raises */
  while (work->at < work->end) {
    size_t rest = (size_t)(work->end - work->at), part = rest < FORM_STEP ? rest : FORM_STEP, written;
    uint8_t *room = mw_room(L, &work->pieces, 2 * FORM_STEP);
    size_t right = convert(work, part, room, &written);
    if (right < part) return refuse_text(L, work, right);
    work->pieces.count += written;
    work->at += part;
    mw_end_step(L, part, work, sizeof *work, KEPT, go_on_converting);
  }
  if (work->is_short) return refuse_text(L, work, 0);
  mw_push_pieces(L, &work->pieces);
  return 1;
}

static int go_on_converting(lua_State *L, int status, lua_KContext context) {
  (void)status;
  (void)context;
  form_work work;
  mw_take_up(L, &work, sizeof work, KEPT);
  return run_form(L, &work);
}

/* The padding, which a text of URLs may leave out, is no part of what is read. False if it is wrong. */
static bool leave_padding_out(form_work *work) {
  size_t length = (size_t)(work->end - work->start), padding = 0;
  while (padding < 2 && padding < length && work->end[-1 - (ptrdiff_t)padding] == '=') padding++;
  work->end -= padding;
  return padding > 0 ? length % 4 == 0 : work->is_url || length % 4 == 0;
}

static int begin_form(lua_State *L, const char *function, enum form form) { /* stack: text, options */
  form_work work;
  size_t length;
  const char *text = mw_text_argument(L, 1, function, "a text", &length);
  bool is_base64 = form == TO_BASE64 || form == FROM_BASE64;
  work.is_url = 0;
  mw_option options[] = {{"url", NULL, &work.is_url}, {NULL, NULL, NULL}};
  if (is_base64) mw_read_options(L, 2, function, options);
  mw_check_c_stack(L, function);
  lua_settop(L, 2);
  lua_settop(L, PIECES);
  work.form = form;
  work.start = work.at = (const uint8_t *)text;
  work.end = work.start + length;
  mw_begin_pieces(&work.pieces, PIECES);
  work.is_short = form == FROM_BASE64 ? !leave_padding_out(&work) : form == FROM_HEX && length % 2 == 1;
  return run_form(L, &work);
}

static int base64(lua_State *L) { return begin_form(L, "hash.base64", TO_BASE64); }
static int from_base64(lua_State *L) { return begin_form(L, "hash.from_base64", FROM_BASE64); }
static int hex(lua_State *L) { return begin_form(L, "hash.hex", TO_HEX); }
static int from_hex(lua_State *L) { return begin_form(L, "hash.from_hex", FROM_HEX); }

/* Random values */

enum { MOST_RANDOM = 65536 };

static int raise_without_random(lua_State *L) {
  lua_pushliteral(L, "the system gives no random numbers");
  return mw_raise(L);
}

static int random_bytes(lua_State *L) { /* stack: count */
  int is_integer;
  lua_Integer count = lua_type(L, 1) == LUA_TNUMBER ? lua_tointegerx(L, 1, &is_integer) : (is_integer = 0);
  if (!is_integer || count < 1 || count > MOST_RANDOM) {
    lua_pushliteral(L, "hash.random takes a number of bytes, from 1 to 65536");
    return mw_raise(L);
  }
  uint8_t *bytes = lua_newuserdatauv(L, (size_t)count, 0);
  if (!mw_random_bytes(mw_of(L), bytes, (size_t)count)) return raise_without_random(L);
  lua_pushlstring(L, (const char *)bytes, (size_t)count);
  return 1;
}

static int uuid(lua_State *L) { /* stack: version */
  char text[MW_UUID_TEXT];
  lua_Integer version = lua_isnoneornil(L, 1) ? 4 : lua_isinteger(L, 1) ? lua_tointeger(L, 1) : 0;
  if (version != 4 && version != 7) {
    lua_pushliteral(L, "hash.uuid takes the version 4, which is random, or 7, which begins with the time");
    return mw_raise(L);
  }
  if (!mw_write_uuid(mw_of(L), (int)version, text)) return raise_without_random(L);
  lua_pushlstring(L, text, sizeof text);
  return 1;
}

/* For the prelude of a simulation. */
static int seed_random(lua_State *L) { /* stack: integer */
  mw_of(L)->random = (uint64_t)lua_tointeger(L, 1);
  return 0;
}

void mw_open_hash(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"sha256", sha256}, {"hmac", hmac}, {"equal", equal}, {"base64", base64}, {"from_base64", from_base64},
    {"hex", hex}, {"from_hex", from_hex}, {"random", random_bytes}, {"uuid", uuid}, {NULL, NULL},
  };
  luaL_newlib(L, functions);
}

void mw_open_random_seed(lua_State *L) { /* stack: host table */
  lua_pushcfunction(L, seed_random);
  lua_setfield(L, -2, "seed_random");
}
