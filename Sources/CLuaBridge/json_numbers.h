/* Numbers of JSON, in the same form in every locale. Stands on powers_of_ten. */
#ifndef MOONWHEEL_BRIDGE_JSON_NUMBERS_H
#define MOONWHEEL_BRIDGE_JSON_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MW_NUMBER_SPACE = 32 };

/* Write the number, without a NUL, and return the length. A float must be finite; it is written as JavaScript writes it
 * (RFC 8785): by the fewest digits that read back as the same number, and without a fraction if it has none. */
size_t mw_write_integer(int64_t value, char text[MW_NUMBER_SPACE]);
size_t mw_write_number(double value, char text[MW_NUMBER_SPACE]);

/* A number in a text, read so far as its grammar goes. */
typedef struct {
  size_t length;      /* 0 if it is none */
  bool is_integer;    /* no fraction and no exponent */
  bool is_exact;      /* `integer` has its value */
  int64_t integer;
  bool is_easy;       /* `number` has its value */
  double number;
} mw_number;

enum { MW_LONGEST_NUMBER = 1024 };

/* Reads the number at the beginning of a text, which ends at a byte that belongs to no number. A longer number than
 * MW_LONGEST_NUMBER has that length plus one. If it is none, `length` is 0 and `wrong` is where a digit is missing. */
mw_number mw_scan_number(const uint8_t *text, const uint8_t *end, const uint8_t **wrong);
/* The nearest float. */
double mw_read_number(const uint8_t *text);
/* Before mw_read_number. False without memory. */
bool mw_prepare_numbers(void);

#endif
