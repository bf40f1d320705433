#include "random.h"

#include <sys/random.h>

enum { MOST_AT_ONCE = 256 }; /* the system gives so many without a pause */

/* SplitMix64 ("Fast splittable pseudorandom number generators", 2014). */
static uint64_t next_of_seed(mw_isolate *isolate) {
  uint64_t z = isolate->random += 0x9E3779B97F4A7C15;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  return z ^ z >> 31;
}

static bool fill_from_system(mw_isolate *isolate, uint8_t *bytes, size_t count) {
  mw_enter_critical(isolate);
  bool is_filled = getrandom(bytes, count, 0) == (ssize_t)count;
  mw_leave_critical(isolate);
  return is_filled;
}

bool mw_random_bytes(mw_isolate *isolate, uint8_t *bytes, size_t count) {
  while (count > 0) {
    uint64_t word;
    size_t most = isolate->config.simulated ? sizeof word : MOST_AT_ONCE, part = count < most ? count : most;
    if (isolate->config.simulated) {
      word = next_of_seed(isolate);
      memcpy(bytes, &word, part);
    } else if (!fill_from_system(isolate, bytes, part)) {
      return false;
    }
    bytes += part;
    count -= part;
  }
  return true;
}

/* The milliseconds, and a count of 12 bits that makes ids of one millisecond come one after the other. */
static void set_time(mw_isolate *isolate, uint8_t id[16]) {
  const mw_batch *batch = isolate->batch;
  int64_t wall = batch ? batch->wall + isolate->passed * batch->pace : 0;
  uint64_t time = wall > 0 ? (uint64_t)wall / 1000000 : 0;
  uint32_t count = (uint32_t)(id[6] & 7) << 8 | id[7]; /* a random beginning with room above it */
  if (time <= isolate->last_uuid_time) {
    time = isolate->last_uuid_time;
    count = isolate->last_uuid_count + 1;
    if (count > 0xfff) {
      time++;
      count = 0;
    }
  }
  isolate->last_uuid_time = time;
  isolate->last_uuid_count = count;
  for (int i = 5; i >= 0; i--, time >>= 8) id[i] = (uint8_t)time;
  id[6] = (uint8_t)(count >> 8);
  id[7] = (uint8_t)count;
}

bool mw_write_uuid(mw_isolate *isolate, int version, char text[MW_UUID_TEXT]) {
  static const char digits[] = "0123456789abcdef";
  uint8_t id[16];
  if (!mw_random_bytes(isolate, id, sizeof id)) return false;
  if (version == 7) set_time(isolate, id);
  id[6] = (uint8_t)((id[6] & 0x0f) | version << 4);
  id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
  for (int i = 0; i < 16; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *text++ = '-';
    *text++ = digits[id[i] >> 4];
    *text++ = digits[id[i] & 15];
  }
  return true;
}
