/* The cost of a scheduler before and between its fires: registration, an idle process, the start. */
#include "clocks.h"
#include "scenarios.h"
#include "timekeeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char COUNT[] = "return function() local n = 0 return function() n = n + 1 end end";
static const char TELL[] = "return function() return function() io.stdout:write('fired\\n') io.stdout:flush() end end";

static const uint64_t HOUR = UINT64_C(3600) * SECOND;

static double resident_bytes(void) {
  FILE *file = fopen("/proc/self/statm", "r");
  long all = 0, resident = 0;
  if (!file || fscanf(file, "%ld %ld", &all, &resident) != 2) exit(1);
  fclose(file);
  return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static struct worker *make_hourly(size_t jobs) {
  struct worker *worker = worker_create(REUSED_COROUTINE, 0);
  worker_load(worker, COUNT);
  struct job *all = make_jobs(jobs);
  uint64_t due = monotonic_time() + HOUR;
  for (size_t place = 0; place < jobs; place++) {
    worker_make_callback(worker, &all[place]);
    timekeeper_add(&all[place], due, HOUR);
  }
  return worker;
}

void measure_register(size_t jobs) {
  timekeeper_init(100 * MICROSECOND);
  double resident = resident_bytes();
  uint64_t began = monotonic_time(), used = processor_time();
  make_hourly(jobs);
  used = processor_time() - used;
  began = monotonic_time() - began;
  printf("{\"jobs\": %zu, \"wall_us\": %.3f, \"cpu_us\": %.3f, \"bytes\": %.0f}\n", jobs,
         (double)began / MICROSECOND / (double)jobs, (double)used / MICROSECOND / (double)jobs,
         (resident_bytes() - resident) / (double)jobs);
}

void measure_idle(void) {
  timekeeper_init(100 * MICROSECOND);
  struct worker *worker = make_hourly(100);
  worker_start(worker);
  timekeeper_serve(&worker, 1, monotonic_time() + HOUR / 2);
}

void measure_start(void) {
  timekeeper_init(100 * MICROSECOND);
  struct worker *worker = worker_create(REUSED_COROUTINE, 0);
  worker_load(worker, TELL);
  struct job *job = make_jobs(1);
  worker_make_callback(worker, job);
  timekeeper_add(job, monotonic_time(), 0);
  worker_start(worker);
  timekeeper_serve(&worker, 1, monotonic_time() + MILLISECOND);
  worker_drain(worker);
  worker_stop(worker);
}
