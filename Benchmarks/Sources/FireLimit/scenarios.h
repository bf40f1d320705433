/* Each function prints its figures as one line of JSON. */
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `jobs` jobs that are always due, on a clock that only the program moves: at least `fires` fires. The timekeeper runs
 * ahead of its worker. It spins while it waits, or sleeps with `waits`. */
void measure_max(size_t jobs, size_t fires, bool waits);
/* Like `max`, but each callback yields once. */
void measure_park(size_t jobs, size_t fires, bool waits);
/* `jobs` jobs that are due once, at the same instant. */
void measure_burst(size_t jobs);
/* `jobs` jobs, each due every second, evenly spread, for `seconds` seconds; a tick lasts `tick` microseconds. */
void measure_second(size_t jobs, uint64_t tick, uint64_t seconds);
/* 100 jobs every 100 ms, beside a script on another worker that computes for 1 s every 2 s. */
void measure_busy(uint64_t seconds);
/* Events from one state to another and back, `chains` at once. */
void measure_event(size_t chains, size_t trips);
/* Time and memory to make `jobs` hourly jobs. */
void measure_register(size_t jobs);
/* 100 hourly jobs, until the program is ended. */
void measure_idle(void);
/* One job that is due at once, and prints a line. */
void measure_start(void);
/* Operations of the wheel alone, with `timers` timers in it. */
void measure_wheel(size_t timers, size_t operations);

#endif
