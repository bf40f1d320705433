/* Strings of JSON, which are read in steps: one can be as long as the text. */
#include "json_decoder.h"
#include "json_text.h"

void mw_begin_string(mw_decoder *d, bool is_key) {
  d->string = d->at++;
  d->not_copied = d->at;
  d->is_key = is_key;
  d->is_copied = false;
  d->state = MW_IN_STRING;
}

static void copy_run(lua_State *L, mw_decoder *d) {
  mw_put(L, &d->pieces, d->not_copied, (size_t)(d->at - d->not_copied));
  d->is_copied = true;
}

static void end_string(lua_State *L, mw_decoder *d) {
  if (d->is_copied) {
    copy_run(L, d);
    mw_push_pieces(L, &d->pieces);
  } else {
    lua_pushlstring(L, (const char *)d->not_copied, (size_t)(d->at - d->not_copied));
  }
  d->at++;
  d->state = MW_AFTER_STRING;
}

/* The unit of UTF-16 of an escape \uXXXX; -1 without four digits. */
static int32_t unit_at(const mw_decoder *d, const uint8_t *at) {
  if (d->end - at < 6 || at[0] != '\\' || at[1] != 'u') return -1;
  int32_t unit = 0;
  for (int i = 2; i < 6; i++) {
    uint8_t c = at[i], letter = c | 32;
    int digit = c >= '0' && c <= '9' ? c - '0' : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    if (digit < 0) return -1;
    unit = unit << 4 | digit;
  }
  return unit;
}

static void read_unit(lua_State *L, mw_decoder *d) {
  int32_t unit = unit_at(d, d->at), next = -1;
  uint8_t bytes[4];
  if (unit < 0) {
    mw_json_expected(L, d, d->at + 2 < d->end ? d->at + 2 : d->end, "four hexadecimal digits after \\u");
    return;
  }
  size_t length = 6;
  uint32_t point = (uint32_t)unit;
  if (unit >= 0xd800 && unit < 0xdc00) next = unit_at(d, d->at + 6);
  if (next >= 0xdc00 && next < 0xe000) {
    point = 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(next - 0xdc00);
    length = 12;
  } else if (unit >= 0xd800 && unit < 0xe000) {
    if (!d->how.replaces) {
      mw_json_fail(L, d, d->at, "half of a surrogate pair, without the other one,");
      return;
    }
    point = 0xfffd;
  }
  mw_put(L, &d->pieces, bytes, mw_write_utf8(point, bytes));
  d->at += length;
}

static void read_escape(lua_State *L, mw_decoder *d) {
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  copy_run(L, d);
  const char *letter = d->at + 1 < d->end && d->at[1] ? strchr(letters, d->at[1]) : NULL;
  if (letter) {
    mw_put_byte(L, &d->pieces, (uint8_t)meanings[letter - letters]);
    d->at += 2;
  } else if (d->at + 1 < d->end && d->at[1] == 'u') {
    read_unit(L, d);
  } else {
    mw_json_expected(L, d, d->at + 1, "one of \" \\ / b f n r t u after a backslash");
  }
  d->not_copied = d->at;
}

static void read_sequence(lua_State *L, mw_decoder *d) {
  size_t wrong, length = mw_utf8_length(d->at, d->end, &wrong);
  if (length) {
    d->at += length;
  } else if (d->how.replaces) {
    copy_run(L, d);
    mw_put(L, &d->pieces, MW_REPLACEMENT, 3);
    d->not_copied = d->at += wrong;
  } else {
    mw_json_fail(L, d, d->at, "a string is not UTF-8");
  }
}

/* Goes on until the string or the step ends. */
void mw_read_string(lua_State *L, mw_decoder *d) {
  const uint8_t *stop = d->step_start + MW_STEP_BYTES;
  if (stop > d->end) stop = d->end;
  while (d->state == MW_IN_STRING) {
    d->at = mw_skip_ordinary(d->at, stop);
    if (d->at >= stop) {
      if (stop == d->end) mw_json_fail(L, d, d->string, "a string does not end, which begins");
      return;
    }
    if (*d->at == '"') end_string(L, d);
    else if (*d->at == '\\') read_escape(L, d);
    else if (*d->at < 0x20) mw_json_expected(L, d, d->at, "a character of a string");
    else read_sequence(L, d);
  }
}

