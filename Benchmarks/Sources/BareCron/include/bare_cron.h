/* A minimal answer to "when does this cron line fire next", as the limit to measure against: five fields of lists,
 * ranges and steps, in UTC, without checks, zones or messages. */
#ifndef BARE_CRON_H
#define BARE_CRON_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint64_t minutes;
  uint32_t hours, days, months, weekdays;
  /* A day matches if either day field does. */
  bool either;
} bare_cron;

/* Parses a line; false if the text is none. */
bool bare_cron_parse(bare_cron *cron, const char *text);

/* The first match after a second since 1970, or -1 if there is none within nine years. */
int64_t bare_cron_next(const bare_cron *cron, int64_t second);

#endif
