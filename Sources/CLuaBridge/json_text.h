/* The bytes of JSON strings. Stands on no other file. */
#ifndef MOONWHEEL_BRIDGE_JSON_TEXT_H
#define MOONWHEEL_BRIDGE_JSON_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The next byte that is not an ASCII character which stands for itself in a string: a quote, a backslash, a control
 * character, or a byte from 0x80 on; or the end. */
static inline const uint8_t *mw_skip_ordinary(const uint8_t *at, const uint8_t *end) {
  const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
  for (; end - at >= 8; at += 8) {
    uint64_t word;
    memcpy(&word, at, 8); /* little-endian, as all supported machines are */
    uint64_t quotes = word ^ ones * '"', slashes = word ^ ones * '\\';
    uint64_t found =
      (word | (word - ones * 0x20) | ((quotes - ones) & ~quotes) | ((slashes - ones) & ~slashes)) & tops;
    if (found) return at + (__builtin_ctzll(found) >> 3);
  }
  while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\') at++;
  return at;
}

/* The length of the UTF-8 sequence that begins here with a byte from 0x80 on. If it is none, 0; `*wrong` is then how many
 * bytes U+FFFD stands for: as many as could begin a sequence, or one. */
static inline size_t mw_utf8_length(const uint8_t *at, const uint8_t *end, size_t *wrong) {
  uint8_t first = *at, low = 0x80, high = 0xbf;
  size_t length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  *wrong = 1;
  if (!length) return 0;
  if (first == 0xe0) low = 0xa0;
  if (first == 0xed) high = 0x9f; /* surrogates */
  if (first == 0xf0) low = 0x90;
  if (first == 0xf4) high = 0x8f;
  for (size_t i = 1; i < length; i++) {
    if (at + i >= end || at[i] < low || at[i] > high) return 0;
    low = 0x80;
    high = 0xbf;
    *wrong = i + 1;
  }
  return length;
}

/* Writes a code point as UTF-8, and returns the length. */
static inline size_t mw_write_utf8(uint32_t point, uint8_t bytes[4]) {
  if (point < 0x80) {
    bytes[0] = (uint8_t)point;
    return 1;
  }
  size_t length = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  for (size_t i = length - 1; i > 0; i--, point >>= 6) bytes[i] = (uint8_t)(0x80 | (point & 0x3f));
  bytes[0] = (uint8_t)((length == 2 ? 0xc0 : length == 3 ? 0xe0 : 0xf0) | point);
  return length;
}

#define MW_REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

#endif
