#include "base64.h"

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t mw_write_base64(const uint8_t *bytes, size_t count, bool is_url, uint8_t *text) {
  const char *alphabet = is_url ? url : standard;
  const uint8_t *start = text;
  for (; count >= 3; bytes += 3, count -= 3) {
    uint32_t group = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
    for (int shift = 18; shift >= 0; shift -= 6) *text++ = (uint8_t)alphabet[group >> shift & 63];
  }
  if (count > 0) {
    uint32_t group = (uint32_t)bytes[0] << 16 | (count > 1 ? (uint32_t)bytes[1] << 8 : 0);
    *text++ = (uint8_t)alphabet[group >> 18];
    *text++ = (uint8_t)alphabet[group >> 12 & 63];
    if (count > 1) *text++ = (uint8_t)alphabet[group >> 6 & 63];
    for (size_t i = count; i < 3 && !is_url; i++) *text++ = '=';
  }
  return (size_t)(text - start);
}

static int digit_of(uint8_t c, bool is_url) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == (is_url ? '-' : '+')) return 62;
  return c == (is_url ? '_' : '/') ? 63 : -1;
}

size_t mw_read_base64(const uint8_t *text, size_t count, bool is_url, uint8_t *bytes) {
  for (size_t at = 0; at < count;) {
    uint32_t group = 0;
    size_t part = count - at < 4 ? count - at : 4;
    for (size_t i = 0; i < part; i++) {
      int digit = digit_of(text[at + i], is_url);
      if (digit < 0) return at + i;
      group |= (uint32_t)digit << (18 - 6 * (int)i);
    }
    /* One character is no byte, and the bits that the last one has too many must be 0. */
    if (part == 1 || (part == 2 && (group & 0xffff)) || (part == 3 && (group & 0xff))) return at + part - 1;
    for (size_t i = 1; i < part; i++) *bytes++ = (uint8_t)(group >> (24 - 8 * (int)i));
    at += part;
  }
  return count;
}

size_t mw_write_hex(const uint8_t *bytes, size_t count, uint8_t *text) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < count; i++) {
    *text++ = (uint8_t)digits[bytes[i] >> 4];
    *text++ = (uint8_t)digits[bytes[i] & 15];
  }
  return 2 * count;
}

static int hex_digit(uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 32;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t mw_read_hex(const uint8_t *text, size_t count, uint8_t *bytes) {
  for (size_t at = 0; at < count; at += 2) {
    int high = hex_digit(text[at]);
    if (high < 0) return at;
    if (at + 1 == count) break;
    int low = hex_digit(text[at + 1]);
    if (low < 0) return at + 1;
    *bytes++ = (uint8_t)(high << 4 | low);
  }
  return count;
}
