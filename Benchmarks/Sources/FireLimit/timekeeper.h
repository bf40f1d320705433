/* The timekeeper: the program's main thread, which owns the wheel. */
#ifndef TIMEKEEPER_H
#define TIMEKEEPER_H

#include "worker.h"

extern struct wheel wheel;

/* Empties the wheel. Tick 0 begins now; a tick lasts that many nanoseconds. */
void timekeeper_init(uint64_t tick);
/* When tick 0 began, in nanoseconds of the monotonic clock. */
uint64_t timekeeper_origin(void);
/* The first tick that begins at the instant or later. */
uint64_t timekeeper_tick(uint64_t instant);
/* Sets a job's first fire and its period, in nanoseconds of the monotonic clock; a period of 0 is once. */
void timekeeper_add(struct job *job, uint64_t first, uint64_t period);
/* Puts a due job into its worker's ring, and sets its next fire. */
void timekeeper_fire(struct timer *timer);
/* Fires due jobs until the instant, and sleeps in between. */
void timekeeper_serve(struct worker *workers[], size_t count, uint64_t until);

/* Allocates zeroed jobs, and touches their memory. */
struct job *make_jobs(size_t count);

#endif
