#include "bare_cron.h"

#include <stdlib.h>

typedef struct {
  int year, month, day;
} date;

/* The date of a day since 1970, by eras of 400 years that begin in March. */
static date date_of(int64_t days) {
  int64_t shifted = days + 719468;
  int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  int of_era = (int)(shifted - era * 146097);
  int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int of_year = of_era - (365 * year + year / 4 - year / 100);
  int from_march = (5 * of_year + 2) / 153;
  date found;
  found.day = of_year - (153 * from_march + 2) / 5 + 1;
  found.month = from_march < 10 ? from_march + 3 : from_march - 9;
  found.year = (int)(year + era * 400) + (found.month <= 2);
  return found;
}

static int length_of(int year, int month) {
  if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static const char *parse_field(const char *text, int first, int last, uint64_t *mask, bool *star) {
  *mask = 0;
  *star = *text == '*';
  for (;;) {
    int from = first, to = last, step = 1;
    char *end = (char *)text;
    if (*text == '*') {
      end++;
    } else {
      from = to = (int)strtol(text, &end, 10);
      if (end == text) return NULL;
      if (*end == '-') to = (int)strtol(end + 1, &end, 10);
    }
    if (*end == '/') step = (int)strtol(end + 1, &end, 10);
    if (from < first || to > last || step < 1) return NULL;
    for (int value = from; value <= to; value += step) *mask |= UINT64_C(1) << value;
    text = end;
    if (*text != ',') break;
    text++;
  }
  while (*text == ' ') text++;
  return text;
}

bool bare_cron_parse(bare_cron *cron, const char *text) {
  static const int ends[5][2] = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}};
  uint64_t masks[5];
  bool stars[5];
  for (int field = 0; field < 5 && text; field++)
    text = parse_field(text, ends[field][0], ends[field][1], &masks[field], &stars[field]);
  if (text == NULL || *text != 0) return false;
  cron->minutes = masks[0];
  cron->hours = (uint32_t)masks[1];
  cron->days = (uint32_t)masks[2];
  cron->months = (uint32_t)masks[3];
  cron->weekdays = (uint32_t)((masks[4] | masks[4] >> 7) & 0x7F);
  cron->either = !stars[2] && !stars[4];
  return true;
}

static bool has_day(const bare_cron *cron, int day, int weekday) {
  bool by_day = cron->days >> day & 1, by_weekday = cron->weekdays >> weekday & 1;
  return cron->either ? by_day || by_weekday : by_day && by_weekday;
}

int64_t bare_cron_next(const bare_cron *cron, int64_t second) {
  int64_t start = second / 60 * 60 + 60, day = start / 86400;
  int hour = (int)(start % 86400 / 3600), minute = (int)(start / 60 % 60);
  int weekday = (int)((day + 4) % 7);
  date at = date_of(day);
  int length = length_of(at.year, at.month);
  for (int limit = at.year + 9; at.year < limit;) {
    bool has_month = cron->months >> at.month & 1;
    if (has_month && has_day(cron, at.day, weekday)) {
      if (cron->hours >> hour & 1 && cron->minutes >> minute)
        return day * 86400 + hour * 3600 + (minute + __builtin_ctzll(cron->minutes >> minute)) * 60;
      uint32_t later = cron->hours >> hour >> 1;
      if (later)
        return day * 86400 + (hour + 1 + __builtin_ctz(later)) * 3600
          + __builtin_ctzll(cron->minutes) * 60;
    }
    int days = has_month ? 1 : length - at.day + 1;
    hour = minute = 0;
    day += days;
    weekday = (weekday + days) % 7;
    at.day += days;
    if (at.day <= length) continue;
    at.day = 1;
    if (++at.month > 12) at.month = 1, at.year++;
    length = length_of(at.year, at.month);
  }
  return -1;
}
