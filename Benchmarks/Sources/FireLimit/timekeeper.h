/* The thread that keeps the wheel: the program's main one. */
#ifndef TIMEKEEPER_H
#define TIMEKEEPER_H

#include "worker.h"

extern struct wheel wheel;

/* Empties the wheel; a tick is that many nanoseconds, counted from now. */
void timekeeper_init(uint64_t tick);
/* When tick 0 began, in nanoseconds of the monotonic clock. */
uint64_t timekeeper_origin(void);
/* The first tick that does not begin before the instant. */
uint64_t timekeeper_tick(uint64_t instant);
/* Sets a job's first fire, in nanoseconds of the monotonic clock, and what is between its fires; 0 is once. */
void timekeeper_add(struct job *job, uint64_t first, uint64_t period);
/* Gives what is due to its worker, and sets its next fire. */
void timekeeper_fire(struct timer *timer);
/* Fires what is due until the instant, asleep in between. */
void timekeeper_serve(struct worker *workers[], size_t count, uint64_t until);

/* Room for jobs, all zero; memory that is touched. */
struct job *make_jobs(size_t count);

#endif
