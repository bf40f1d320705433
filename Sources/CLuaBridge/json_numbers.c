/* Shortest texts of floats by Raffaello Giulietti's Schubfach ("The Schubfach way to render doubles", 2020): of the decimals
 * that lie in the interval of the reals that round to the float, it finds the shortest, and of those the nearest, with
 * three multiplications by a power of ten of 128 bits. */
#define _GNU_SOURCE
#include "json_numbers.h"

#include <locale.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "powers_of_ten.h"

/* Writing */

static size_t write_digits(uint64_t value, char *text) {
  char digits[20];
  size_t count = 0;
  do digits[count++] = (char)('0' + value % 10);
  while ((value /= 10) > 0);
  for (size_t i = 0; i < count; i++) text[i] = digits[count - 1 - i];
  return count;
}

size_t mw_write_integer(int64_t value, char text[MW_NUMBER_SPACE]) {
  if (value >= 0) return write_digits((uint64_t)value, text);
  *text = '-';
  return 1 + write_digits(0 - (uint64_t)value, text + 1);
}

/* Floors of log10(2^e), log10(3/4 * 2^e), log2(10^e) for the exponents that occur. */
static int log10_of_power_of_2(int e) { return (e * 1262611) >> 22; }
static int log10_of_three_quarters(int e) { return (e * 1262611 - 524031) >> 22; }
static int log2_of_power_of_10(int e) { return (e * 1741647) >> 19; }

/* The upper bits of a product, of which the lowest tells whether any bit below is set. */
static uint64_t round_to_odd(const uint64_t power[2], uint64_t value) {
  unsigned __int128 low = (unsigned __int128)power[1] * value, high = (unsigned __int128)power[0] * value;
  high += (uint64_t)(low >> 64);
  return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

typedef struct {
  uint64_t digits;
  int exponent; /* of ten */
} decimal;

static decimal shortest(uint64_t fraction, int exponent) {
  enum { BIAS = 1023 + 52 };
  uint64_t c = exponent ? fraction | (uint64_t)1 << 52 : fraction;
  int q = (exponent ? exponent : 1) - BIAS;
  if (q <= 0 && q > -53 && (c & (((uint64_t)1 << -q) - 1)) == 0) return (decimal){c >> -q, 0};
  bool is_lower_closer = fraction == 0 && exponent > 1;
  int k = is_lower_closer ? log10_of_three_quarters(q) : log10_of_power_of_2(q);
  int shift = q + log2_of_power_of_10(-k) + 1;
  const uint64_t *power = mw_powers_of_ten[-k - MW_LOWEST_POWER];
  uint64_t lower = round_to_odd(power, (4 * c - 2 + is_lower_closer) << shift);
  uint64_t value = round_to_odd(power, 4 * c << shift);
  uint64_t upper = round_to_odd(power, (4 * c + 2) << shift);
  lower += c & 1; /* the ends of the interval belong to it if the float is even */
  upper -= c & 1;
  uint64_t s = value / 4;
  if (s >= 10) {
    uint64_t tens = s / 10;
    bool is_below_inside = lower <= 40 * tens, is_above_inside = 40 * tens + 40 <= upper;
    if (is_below_inside != is_above_inside) return (decimal){tens + is_above_inside, k + 1};
  }
  bool is_below_inside = lower <= 4 * s, is_above_inside = 4 * s + 4 <= upper;
  if (is_below_inside != is_above_inside) return (decimal){s + is_above_inside, k};
  uint64_t middle = 4 * s + 2;
  return (decimal){s + (value > middle || (value == middle && (s & 1))), k};
}

/* Lays out digits of which the decimal point stands behind the first `point` ones, as ECMAScript's Number::toString. */
static size_t lay_out(const char *digits, int count, int point, char *text) {
  char *at = text;
  if (point > 0 && point <= 21) {
    for (int i = 0; i < point; i++) *at++ = i < count ? digits[i] : '0';
    if (count > point) *at++ = '.';
    for (int i = point; i < count; i++) *at++ = digits[i];
  } else if (point > -6 && point <= 0) {
    *at++ = '0';
    *at++ = '.';
    for (int i = point; i < 0; i++) *at++ = '0';
    for (int i = 0; i < count; i++) *at++ = digits[i];
  } else {
    *at++ = digits[0];
    if (count > 1) *at++ = '.';
    for (int i = 1; i < count; i++) *at++ = digits[i];
    *at++ = 'e';
    *at++ = point > 0 ? '+' : '-';
    at += write_digits((uint64_t)(point > 0 ? point - 1 : 1 - point), at);
  }
  return (size_t)(at - text);
}

size_t mw_write_number(double value, char text[MW_NUMBER_SPACE]) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  if (bits << 1 == 0) { /* -0 too */
    *text = '0';
    return 1;
  }
  decimal decimal = shortest(bits & (((uint64_t)1 << 52) - 1), (int)(bits >> 52 & 0x7ff));
  char digits[20];
  int count = (int)write_digits(decimal.digits, digits), point = count + decimal.exponent;
  while (count > 1 && digits[count - 1] == '0') count--;
  size_t sign = bits >> 63;
  if (sign) *text = '-';
  return sign + lay_out(digits, count, point, text + sign);
}

/* Reading */

static _Atomic(locale_t) c_locale;

bool mw_prepare_numbers(void) {
  if (atomic_load_explicit(&c_locale, memory_order_acquire)) return true;
  locale_t made = newlocale(LC_ALL_MASK, "C", (locale_t)0), none = (locale_t)0;
  if (!made) return false;
  if (!atomic_compare_exchange_strong(&c_locale, &none, made)) freelocale(made); /* another thread was faster */
  return true;
}

double mw_read_number(const uint8_t *text) {
  return strtod_l((const char *)text, NULL, atomic_load_explicit(&c_locale, memory_order_relaxed));
}

static const uint8_t *skip_digits(const uint8_t *at, const uint8_t *end) {
  while (at < end && *at >= '0' && *at <= '9') at++;
  return at;
}

/* Up to 19 digits of an integer or a fraction. More make the value inexact. */
static void add_digits(const uint8_t *at, const uint8_t *end, uint64_t *value, int *count) {
  for (; at < end; at++)
    if (*count > 0 || *at != '0') {
      if (++*count <= 19) *value = *value * 10 + (uint64_t)(*at - '0');
    }
}

static void set_integer(mw_number *number, uint64_t value, int count, bool is_negative) {
  uint64_t most = (uint64_t)INT64_MAX + is_negative;
  number->is_exact = count <= 19 && value <= most;
  if (number->is_exact) number->integer = (int64_t)(is_negative ? 0 - value : value);
}

/* Where the digits are an exact float and the power of ten is one, too, the quotient or product is the nearest float. */
static void set_easy(mw_number *number, uint64_t value, int count, int64_t exponent, bool is_negative) {
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  number->is_easy = count <= 19 && value <= (uint64_t)1 << 53 && exponent >= -22 && exponent <= 22;
  if (!number->is_easy) return;
  double result = exponent < 0 ? (double)value / powers[-exponent] : (double)value * powers[exponent];
  number->number = is_negative ? -result : result;
}

mw_number mw_scan_number(const uint8_t *text, const uint8_t *end, const uint8_t **wrong) {
  mw_number number = {0};
  const mw_number none = {0};
  if (end - text > MW_LONGEST_NUMBER + 1) end = text + MW_LONGEST_NUMBER + 1;
  const uint8_t *at = text;
  bool is_negative = *at == '-';
  if (is_negative) at++;
  const uint8_t *first = at;
  at = skip_digits(at, end);
  *wrong = at;
  if (at == first) return none;
  if (*first == '0' && at > first + 1) {
    *wrong = first + 1;
    return none;
  }
  uint64_t value = 0;
  int count = 0;
  int64_t exponent = 0;
  add_digits(first, at, &value, &count);
  number.is_integer = at >= end || (*at != '.' && *at != 'e' && *at != 'E');
  if (number.is_integer) {
    number.length = (size_t)(at - text);
    set_integer(&number, value, count, is_negative);
    return number;
  }
  if (*at == '.') {
    const uint8_t *from = at + 1;
    at = skip_digits(from, end);
    *wrong = at;
    if (at == from) return none;
    exponent -= at - from;
    add_digits(from, at, &value, &count);
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    at++;
    bool is_down = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    const uint8_t *from = at;
    at = skip_digits(from, end);
    *wrong = at;
    if (at == from) return none;
    int64_t given = 0;
    for (; from < at && given < 1000000; from++) given = given * 10 + (*from - '0');
    exponent += is_down ? -given : given;
  }
  number.length = (size_t)(at - text);
  set_easy(&number, value, count, exponent, is_negative);
  return number;
}
