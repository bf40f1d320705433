/* Fires as fast as possible: the clock is a number. The timekeeper publishes due jobs each 16 ticks, so that the worker
 * starts early. */
#include "clocks.h"
#include "scenarios.h"
#include "timekeeper.h"

#include <stdio.h>

enum { PERIOD = 1000, STEP = 16 };

static const char COUNT[] = "return function() local n = 0 return function() n = n + 1 end end";
static const char PAUSE[] = "return function() return function() pause() end end";

static void measure(enum manner manner, const char *text, size_t jobs, size_t fires, bool waits) {
  struct worker *worker = worker_create(manner, 0);
  worker->waits = waits;
  timekeeper_init(1);
  wheel.now = 0;
  worker_load(worker, text);
  struct job *all = make_jobs(jobs);
  for (size_t place = 0; place < jobs; place++) {
    worker_make_callback(worker, &all[place]);
    all[place].period = PERIOD;
    wheel_insert(&wheel, &all[place].timer, 1 + place % PERIOD);
  }
  worker_start(worker);
  uint64_t rounds = fires / jobs + 1;
  uint64_t now = 0, used = 0, began = 0, before = 0;
  for (uint64_t round = 0; round <= rounds; round++) {
    if (round == 1) { /* the first round only warms up */
      worker_drain(worker);
      before = worker->runs;
      used = processor_time();
      began = monotonic_time();
    }
    for (uint64_t end = now + PERIOD; now < end; worker_publish(worker)) {
      now = now + STEP < end ? now + STEP : end;
      wheel_advance(&wheel, now, timekeeper_fire);
    }
  }
  worker_drain(worker);
  double count = (double)(worker->runs - before);
  used = processor_time() - used;
  began = monotonic_time() - began;
  worker_stop(worker);
  printf("{\"fires\": %.0f, \"due\": %zu, \"cpu_ns\": %.1f, \"per_s\": %.0f}\n", count, jobs * rounds, (double)used / count,
         count / ((double)began / SECOND));
}

void measure_max(size_t jobs, size_t fires, bool waits) { measure(REUSED_COROUTINE, COUNT, jobs, fires, waits); }

void measure_park(size_t jobs, size_t fires, bool waits) { measure(FRESH_COROUTINE, PAUSE, jobs, fires, waits); }
