/* The time for who asks for it after each of many short runs.
 *
 * A reading of CLOCK_MONOTONIC costs as much as an empty callback, most of it to keep the processor from reading its counter
 * too early. So the clock is read once in some microseconds, and in between time is the last reading plus the ticks of the
 * counter since, at a rate that was measured.
 *
 * The rate is believed when two measurements in a row agree, and taken a thousandth too slow: so what is answered is behind
 * the clock, by some tens of nanoseconds, and not ahead of it. A counter that jumps (the machine slept, the thread is on a
 * processor whose counter is another) gives a span that is too long to be believed, and the clock is read. What differs by
 * less than a span puts the answer wrong by no more than that: no limit of a run is told in microseconds.
 *
 *     clock ──┬──────────────┬───────────   set
 *             └─ + ticks·rate, ≤ SPAN ─┘    read */
#ifndef MOONWHEEL_BRIDGE_METER_H
#define MOONWHEEL_BRIDGE_METER_H

#include <stdint.h>

/* All zero is a meter that always reads the clock, until it has measured. One thread's. */
typedef struct {
  int64_t time;     /* at the last reading, in nanoseconds */
  uint64_t ticks;   /* of the counter, then */
  uint64_t span;    /* so many ticks after it the clock is read again; 0 is at once */
  uint64_t rate;    /* nanoseconds a tick, times 2^32 */
  int64_t since;    /* where the measurement under way began */
  uint64_t since_ticks;
} mw_meter;

/* Reads the clock. */
int64_t mw_meter_set(mw_meter *meter);

static inline uint64_t mw_ticks(void) {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return 0; /* no counter that is known to be cheaper than the clock */
#endif
}

static inline int64_t mw_meter_read(mw_meter *meter) {
  uint64_t passed = mw_ticks() - meter->ticks;
  if (passed >= meter->span) return mw_meter_set(meter);
  return meter->time + (int64_t)(passed * meter->rate >> 32);
}

#endif
