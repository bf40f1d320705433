/* Reads a number of seconds, or digits and a unit ("10s"). Triggers' DurationText reads every form, and explains what
 * is wrong with one that it refuses. */
#include "duration.h"

#include <math.h>

/* The range of the host's timers: from one tick to a year. */
static const int64_t shortest = 100000, longest = INT64_C(31536000000000000);

static int64_t unit_size(const char *unit, size_t count) {
  char first = unit[0], second = count == 2 ? unit[1] : 0;
  if (count == 2 && second != 's') return 0;
  switch (first) {
    case 'u': return second ? 1000 : 0;
    case 'm': return second ? 1000000 : INT64_C(60000000000);
    case 's': return second ? 0 : 1000000000;
    case 'h': return second ? 0 : INT64_C(3600000000000);
    case 'd': return second ? 0 : INT64_C(86400000000000);
    default: return 0;
  }
}

static bool read_text(const char *text, size_t count, int64_t *nanoseconds) {
  int64_t number = 0;
  size_t digits = 0;
  while (digits < count && digits < 9 && text[digits] >= '0' && text[digits] <= '9')
    number = number * 10 + (text[digits++] - '0');
  if (digits == 0 || digits == count || count - digits > 2) return false;
  int64_t size = unit_size(text + digits, count - digits);
  return size > 0 && !__builtin_mul_overflow(number, size, nanoseconds);
}

bool mw_to_duration(lua_State *L, int index, int64_t *nanoseconds) {
  int64_t length = 0;
  if (lua_type(L, index) == LUA_TSTRING) {
    size_t count;
    const char *text = lua_tolstring(L, index, &count);
    if (!read_text(text, count, &length)) return false;
  } else if (lua_type(L, index) == LUA_TNUMBER) {
    double seconds = lua_tonumber(L, index);
    if (!(seconds > 0 && seconds < 31536000)) return false;
    double whole = floor(seconds);
    length = (int64_t)whole * 1000000000 + (int64_t)round((seconds - whole) * 1e9);
  } else {
    return false;
  }
  if (length < shortest || length > longest) return false;
  *nanoseconds = length;
  return true;
}
