/* A cheap clock for code that asks for the time after each of many short runs. It stands on no other file.
 *
 * A reading of CLOCK_MONOTONIC costs as much as an empty callback, mostly because the processor must not read its
 * counter too early. So mw_clock_read reads CLOCK_MONOTONIC once in some microseconds. In between it returns the last
 * reading plus the ticks of the processor's counter since then, at a measured rate.
 *
 * The rate is trusted when two measurements in a row agree, and is taken a thousandth too slow. So the result is some
 * tens of nanoseconds behind the clock, never ahead of it. If the counter jumps (the machine slept, or the thread moved
 * to a processor with another counter), the span is too long, and the clock is read. A smaller jump makes the result
 * wrong by less than one span, which is shorter than any limit of a run.
 *
 *     clock ──┬──────────────┬───────────   synchronized
 *             └─ + ticks·rate, ≤ SPAN ─┘    read */
#ifndef MOONWHEEL_BRIDGE_CLOCK_H
#define MOONWHEEL_BRIDGE_CLOCK_H

#include <stdint.h>

/* Used by one thread. All zero is a clock that always reads CLOCK_MONOTONIC, until it has measured the rate. */
typedef struct {
  int64_t time;         /* of the last reading, in nanoseconds */
  uint64_t ticks;       /* of the counter at that time */
  uint64_t span;        /* after so many ticks CLOCK_MONOTONIC is read again; 0 is always */
  uint64_t rate;        /* nanoseconds a tick, times 2^32 */
  int64_t since;        /* start of the current measurement */
  uint64_t since_ticks; /* of the counter at that time */
} mw_clock;

/* CLOCK_MONOTONIC, in nanoseconds. */
int64_t mw_monotonic_now(void);

/* Reads CLOCK_MONOTONIC and the counter. */
int64_t mw_clock_sync(mw_clock *clock);

static inline uint64_t mw_ticks(void) {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return 0; /* no counter is known to be cheaper than the clock */
#endif
}

static inline int64_t mw_clock_read(mw_clock *clock) {
  uint64_t passed = mw_ticks() - clock->ticks;
  if (passed >= clock->span) return mw_clock_sync(clock);
  return clock->time + (int64_t)(passed * clock->rate >> 32);
}

#endif
