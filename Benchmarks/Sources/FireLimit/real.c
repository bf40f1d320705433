/* Fires at their times, by the machine's clock. */
#include "clocks.h"
#include "scenarios.h"
#include "timekeeper.h"

#include <stdio.h>
#include <stdlib.h>

static const char COUNT[] = "return function() local n = 0 return function() n = n + 1 end end";
static const char COMPUTE[] =
    "return function() return function() local stop = now() + 1 repeat for _ = 1, 1000 do end until now() >= stop end end";

/* Jobs that are due within this many nanoseconds are due at once, in Moonwheel too. */
static const uint64_t PHASE = 100 * MICROSECOND;

static int compare(const void *left, const void *right) {
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return a < b ? -1 : a > b;
}

/* A quantile in microseconds; the figures must be sorted. */
static double quantile(const struct worker *worker, double part) {
  if (!worker->kept) return 0;
  size_t place = (size_t)((double)worker->kept * part);
  return worker->lateness[place < worker->kept ? place : worker->kept - 1] / 1e3;
}

static void print_lateness(struct worker *worker, size_t due, uint64_t used) {
  qsort(worker->lateness, worker->kept, sizeof *worker->lateness, compare);
  printf("{\"fires\": %zu, \"due\": %zu, \"cpu_ns\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f}\n",
         worker->kept, due, (double)used / (double)(worker->kept ? worker->kept : 1), quantile(worker, 0.5),
         quantile(worker, 0.99), quantile(worker, 0.999));
}

/* Waits until the runs that have just become due have ended. */
static void finish(struct worker *worker) {
  worker_drain(worker);
  worker_stop(worker);
}

void measure_burst(size_t jobs) {
  struct worker *worker = worker_create(REUSED_COROUTINE, 1);
  timekeeper_init(100 * MICROSECOND);
  uint64_t due = monotonic_time() + 300 * MILLISECOND + jobs * 2 * MICROSECOND;
  worker_load(worker, COUNT);
  struct job *all = make_jobs(jobs);
  for (size_t place = 0; place < jobs; place++) {
    worker_make_callback(worker, &all[place]);
    timekeeper_add(&all[place], due, 0);
  }
  worker_start(worker);
  uint64_t used = processor_time();
  timekeeper_serve(&worker, 1, due + MILLISECOND);
  finish(worker);
  used = processor_time() - used;
  printf("{\"fires\": %zu, \"due\": %zu, \"drain_ms\": %.3f, \"cpu_ns\": %.1f}\n", (size_t)worker->runs, jobs,
         ((double)worker->last - (double)due) / MILLISECOND, (double)used / (double)jobs);
}

void measure_second(size_t jobs, uint64_t tick, uint64_t seconds) {
  struct worker *worker = worker_create(REUSED_COROUTINE, jobs * (seconds + 1));
  timekeeper_init(tick * MICROSECOND);
  uint64_t base = timekeeper_origin() + 100 * MILLISECOND + jobs / 500 * MILLISECOND;
  worker_load(worker, COUNT);
  struct job *all = make_jobs(jobs);
  for (size_t place = 0; place < jobs; place++) {
    worker_make_callback(worker, &all[place]);
    uint64_t phase = place * SECOND / jobs;
    timekeeper_add(&all[place], base + phase - phase % PHASE, SECOND);
  }
  worker_start(worker);
  uint64_t used = processor_time();
  timekeeper_serve(&worker, 1, base + seconds * SECOND - 1);
  finish(worker);
  print_lateness(worker, jobs * seconds, processor_time() - used);
}

void measure_busy(uint64_t seconds) {
  struct worker *workers[] = {worker_create(REUSED_COROUTINE, 1000 * (seconds + 1)), worker_create(REUSED_COROUTINE, 0)};
  timekeeper_init(100 * MICROSECOND);
  uint64_t base = monotonic_time() + 100 * MILLISECOND;
  worker_load(workers[0], COUNT);
  worker_load(workers[1], COMPUTE);
  struct job *all = make_jobs(101);
  for (size_t place = 0; place < 100; place++) {
    worker_make_callback(workers[0], &all[place]);
    timekeeper_add(&all[place], base + place * MILLISECOND, 100 * MILLISECOND);
  }
  worker_make_callback(workers[1], &all[100]);
  timekeeper_add(&all[100], base, UINT64_C(2) * SECOND);
  for (int place = 0; place < 2; place++) worker_start(workers[place]);
  uint64_t used = processor_time();
  timekeeper_serve(workers, 2, base + seconds * SECOND - 1);
  used = processor_time() - used;
  finish(workers[0]);
  print_lateness(workers[0], 1000 * seconds, used);
}
