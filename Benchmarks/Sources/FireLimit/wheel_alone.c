/* The wheel alone. Time is virtual, a tick is a millisecond, and timers are due within an hour. */
#include "clocks.h"
#include "scenarios.h"
#include "timekeeper.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOUR_TICKS = 3600000, NEAR_TICKS = 2000 };

static uint64_t random_state = UINT64_C(88172645463325252), fired;

/* Marsaglia's xorshift: cheap compared with the measured operations. */
static uint64_t random_below(uint64_t bound) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state % bound;
}

static void fire_again(struct timer *timer) {
  fired++;
  wheel_insert(&wheel, timer, wheel.now + 1 + random_below(NEAR_TICKS));
}

static double since(uint64_t start, uint64_t count) { return (double)(read_clock(CLOCK_THREAD_CPUTIME_ID) - start) / (double)count; }

void measure_wheel(size_t timers, size_t operations) {
  timekeeper_init(1);
  struct timer *all = calloc(timers + 1, sizeof *all);
  struct timer **chosen = malloc(operations * sizeof *chosen);
  if (!all || !chosen) exit(1);
  for (size_t place = 0; place < timers; place++) wheel_insert(&wheel, &all[place], 1 + random_below(HOUR_TICKS));
  for (size_t place = 0; place < operations; place++) chosen[place] = &all[random_below(timers)];

  uint64_t start = read_clock(CLOCK_THREAD_CPUTIME_ID);
  for (size_t count = 0; count < operations; count++) {
    wheel_insert(&wheel, &all[timers], 1 + random_below(HOUR_TICKS));
    wheel_cancel(&wheel, &all[timers]);
  }
  double insert_cancel = since(start, operations);

  start = read_clock(CLOCK_THREAD_CPUTIME_ID);
  for (size_t count = 0; count < operations; count++) {
    wheel_cancel(&wheel, chosen[count]);
    wheel_insert(&wheel, chosen[count], 1 + random_below(HOUR_TICKS));
  }
  double reschedule = since(start, operations);

  for (size_t place = 0; place < timers; place++) {
    wheel_cancel(&wheel, &all[place]);
    wheel_insert(&wheel, &all[place], 1 + random_below(NEAR_TICKS));
  }
  uint64_t now = 0;
  while (now < NEAR_TICKS) wheel_advance(&wheel, ++now, fire_again);
  fired = 0;
  start = read_clock(CLOCK_THREAD_CPUTIME_ID);
  while (fired < operations) wheel_advance(&wheel, ++now, fire_again);
  double rearm = since(start, fired);
  printf("{\"insert_cancel_ns\": %.1f, \"reschedule_ns\": %.1f, \"rearm_ns\": %.1f}\n", insert_cancel, reschedule, rearm);
}
