#include "timekeeper.h"

#include "clocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

struct wheel wheel;
static uint64_t origin, tick;

void timekeeper_init(uint64_t length) {
  memset(&wheel, 0, sizeof wheel);
  tick = length;
  origin = monotonic_time();
  prctl(PR_SET_TIMERSLACK, 1L);
}

uint64_t timekeeper_origin(void) { return origin; }

uint64_t timekeeper_tick(uint64_t instant) { return (instant - origin + tick - 1) / tick; }

void timekeeper_add(struct job *job, uint64_t first, uint64_t period) {
  job->due = first;
  job->step = period;
  job->period = period / tick;
  wheel_insert(&wheel, &job->timer, timekeeper_tick(first));
}

void timekeeper_fire(struct timer *timer) {
  struct job *job = (struct job *)timer;
  worker_put(job->worker, job);
  if (job->period) wheel_insert(&wheel, timer, timer->deadline + job->period);
}

void timekeeper_serve(struct worker *workers[], size_t count, uint64_t until) {
  for (;;) {
    uint64_t now = monotonic_time();
    wheel_advance(&wheel, ((now < until ? now : until) - origin) / tick, timekeeper_fire);
    for (size_t place = 0; place < count; place++) worker_publish(workers[place]);
    if (now >= until) return;
    int level, slot;
    uint64_t next, wake = until;
    if (wheel_next(&wheel, &level, &slot, &next) && origin + next * tick < wake) wake = origin + next * tick;
    sleep_until(wake);
  }
}

struct job *make_jobs(size_t count) {
  struct job *jobs = malloc(count * sizeof *jobs);
  if (!jobs) {
    fprintf(stderr, "FireLimit: no memory for %zu jobs\n", count);
    exit(1);
  }
  memset(jobs, 0, count * sizeof *jobs);
  return jobs;
}
