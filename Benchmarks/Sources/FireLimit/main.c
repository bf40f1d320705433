/* The limit that Moonwheel is measured against: a wheel, a ring to a thread with a Lua state, and one resume of a
 * coroutine for each fire. No job names, no policies, no history, no containment, no reload.
 *
 *     FireLimit max|park JOBS FIRES [waits]
 *     FireLimit burst JOBS
 *     FireLimit second JOBS TICK_US SECONDS
 *     FireLimit busy SECONDS
 *     FireLimit event CHAINS TRIPS
 *     FireLimit register JOBS
 *     FireLimit idle
 *     FireLimit start
 *     FireLimit wheel TIMERS OPERATIONS
 */
#include "scenarios.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t number(int count, char *arguments[], int place) {
  size_t value = place < count ? strtoull(arguments[place], NULL, 10) : 0;
  if (value) return value;
  fprintf(stderr, "FireLimit: argument %d must be a number above 0\n", place);
  exit(64);
}

int main(int count, char *arguments[]) {
  const char *name = count > 1 ? arguments[1] : "";
#define ARGUMENT(place) number(count, arguments, place)
  if (!strcmp(name, "max")) {
    measure_max(ARGUMENT(2), ARGUMENT(3), count > 4);
  } else if (!strcmp(name, "park")) {
    measure_park(ARGUMENT(2), ARGUMENT(3), count > 4);
  } else if (!strcmp(name, "burst")) {
    measure_burst(ARGUMENT(2));
  } else if (!strcmp(name, "second")) {
    measure_second(ARGUMENT(2), ARGUMENT(3), ARGUMENT(4));
  } else if (!strcmp(name, "busy")) {
    measure_busy(ARGUMENT(2));
  } else if (!strcmp(name, "event")) {
    measure_event(ARGUMENT(2), ARGUMENT(3));
  } else if (!strcmp(name, "register")) {
    measure_register(ARGUMENT(2));
  } else if (!strcmp(name, "idle")) {
    measure_idle();
  } else if (!strcmp(name, "start")) {
    measure_start();
  } else if (!strcmp(name, "wheel")) {
    measure_wheel(ARGUMENT(2), ARGUMENT(3));
  } else {
    fprintf(stderr, "FireLimit: there is no \"%s\"; see the top of main.c\n", name);
    return 64;
  }
  return 0;
}
