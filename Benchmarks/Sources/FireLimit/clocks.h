/* The clocks, in nanoseconds. */
#ifndef CLOCKS_H
#define CLOCKS_H

#include <stdint.h>
#include <time.h>

enum { NANOSECOND = 1, MICROSECOND = 1000, MILLISECOND = 1000000, SECOND = 1000000000 };

static inline uint64_t read_clock(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static inline uint64_t monotonic_time(void) { return read_clock(CLOCK_MONOTONIC); }

/* Processor time of all threads of the process. */
static inline uint64_t processor_time(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

static inline void sleep_until(uint64_t instant) {
  struct timespec time = {.tv_sec = (time_t)(instant / SECOND), .tv_nsec = (long)(instant % SECOND)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) != 0) {}
}

#endif
