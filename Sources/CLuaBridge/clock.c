#define _GNU_SOURCE
#include "clock.h"

#include <stdbool.h>
#include <time.h>

enum { SPAN = 12000, MEASURED = 8000000 }; /* nanoseconds */

int64_t mw_monotonic_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

#if defined(__x86_64__)

static const double unit = 4294967296 * 0.999; /* of a stored rate, a little too slow */

static bool agree(double a, double b) { return a > b * 0.999 && a < b * 1.001; }

/* Compares the counter with the clock over some milliseconds. */
static void measure(mw_clock *clock) {
  int64_t time = clock->time - clock->since;
  if (clock->since && time < MEASURED) return;
  uint64_t ticks = clock->ticks - clock->since_ticks;
  bool is_first = clock->since == 0;
  clock->since = clock->time;
  clock->since_ticks = clock->ticks;
  if (is_first) return;
  double rate = ticks ? (double)time / (double)ticks : 0, before = (double)clock->rate / unit;
  bool is_plausible = rate > 0.1 && rate < 10; /* 100 MHz to 10 GHz */
  clock->span = is_plausible && agree(rate, before) ? (uint64_t)((double)SPAN / rate) : 0;
  clock->rate = is_plausible ? (uint64_t)(rate * unit) : 0;
}

#else

static void measure(mw_clock *clock) { (void)clock; }

#endif

int64_t mw_clock_sync(mw_clock *clock) {
  clock->time = mw_monotonic_now();
  clock->ticks = mw_ticks();
  measure(clock);
  return clock->time;
}
