#include "meter.h"

#include "preempt.h"

enum { SPAN = 12000, MEASURED = 8000000 }; /* nanoseconds */

static const double unit = 4294967296 * 0.999; /* of a rate as it is kept: a little too slow */

static bool agree(double a, double b) { return a > b * 0.999 && a < b * 1.001; }

/* Compares the counter with the clock, over some milliseconds. */
static void measure(mw_meter *meter) {
  int64_t time = meter->time - meter->since;
  if (meter->since && time < MEASURED) return;
  uint64_t ticks = meter->ticks - meter->since_ticks;
  bool is_first = meter->since == 0;
  meter->since = meter->time;
  meter->since_ticks = meter->ticks;
  if (is_first) return;
  double rate = ticks ? (double)time / (double)ticks : 0, before = (double)meter->rate / unit;
  bool known = rate > 0.1 && rate < 10; /* 100 MHz to 10 GHz */
  meter->span = known && agree(rate, before) ? (uint64_t)(SPAN / rate) : 0;
  meter->rate = known ? (uint64_t)(rate * unit) : 0;
}

int64_t mw_meter_set(mw_meter *meter) {
  meter->time = mw_monotonic_now();
  meter->ticks = mw_ticks();
#if defined(__x86_64__)
  measure(meter);
#endif
  return meter->time;
}
