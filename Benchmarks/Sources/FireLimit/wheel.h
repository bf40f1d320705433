/* A bare hierarchical timer wheel: 64 slots a level, and a bitmap a level of the slots that hold timers.
 *
 * A timer lies on the level of the highest digit (six bits) in which its deadline differs from the present tick, in the
 * slot of that digit. So the lowest level that is not empty holds the timers that are due first, and no slot in the
 * past holds a timer. When the present reaches a slot of a higher level, its timers agree with the present in one more
 * digit: they move down.
 *
 * Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987. */
#ifndef WHEEL_H
#define WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGIT_BITS = 6, SLOTS = 1 << DIGIT_BITS, LEVELS = 10 };

struct timer {
  struct timer *next;
  struct timer **link; /* the pointer that points here */
  uint64_t deadline;   /* tick */
  int level;
};

struct wheel {
  uint64_t now;
  uint64_t occupied[LEVELS];
  struct timer *slots[LEVELS][SLOTS];
};

static inline int slot_on(int level, uint64_t tick) { return (int)(tick >> (DIGIT_BITS * level)) & (SLOTS - 1); }

/* A deadline that is not in the future becomes the next tick. */
static inline void wheel_insert(struct wheel *wheel, struct timer *timer, uint64_t deadline) {
  if (deadline <= wheel->now) deadline = wheel->now + 1;
  int level = (63 - __builtin_clzll(deadline ^ wheel->now)) / DIGIT_BITS;
  if (level >= LEVELS) level = LEVELS - 1;
  int slot = slot_on(level, deadline);
  struct timer **list = &wheel->slots[level][slot];
  timer->deadline = deadline;
  timer->level = level;
  timer->next = *list;
  timer->link = list;
  if (*list) (*list)->link = &timer->next;
  *list = timer;
  wheel->occupied[level] |= UINT64_C(1) << slot;
}

/* The timer must be pending. */
static inline void wheel_cancel(struct wheel *wheel, struct timer *timer) {
  int level = timer->level, slot = slot_on(level, timer->deadline);
  *timer->link = timer->next;
  if (timer->next) timer->next->link = timer->link;
  if (!wheel->slots[level][slot]) wheel->occupied[level] &= ~(UINT64_C(1) << slot);
}

/* Finds the slot that the present reaches next, and when; false if there is none. */
static inline bool wheel_next(const struct wheel *wheel, int *level, int *slot, uint64_t *tick) {
  for (*level = 0; *level < LEVELS; ++*level) {
    uint64_t occupied = wheel->occupied[*level];
    if (!occupied) continue;
    *slot = __builtin_ctzll(occupied);
    int shift = DIGIT_BITS * *level;
    uint64_t above = shift + DIGIT_BITS < 64 ? ~UINT64_C(0) << (shift + DIGIT_BITS) : 0;
    *tick = (wheel->now & above) | (uint64_t)*slot << shift;
    return true;
  }
  return false;
}

/* Advances to that tick, and calls `fire` with each due timer; `fire` may insert it again. */
static inline void wheel_advance(struct wheel *wheel, uint64_t to, void (*fire)(struct timer *)) {
  int level, slot;
  uint64_t tick;
  while (wheel_next(wheel, &level, &slot, &tick) && tick <= to) {
    wheel->now = tick;
    wheel->occupied[level] &= ~(UINT64_C(1) << slot);
    struct timer *timer = wheel->slots[level][slot];
    wheel->slots[level][slot] = NULL;
    while (timer) {
      struct timer *next = timer->next;
      if (next) __builtin_prefetch(next);
      if (timer->deadline == tick) {
        fire(timer);
      } else {
        wheel_insert(wheel, timer, timer->deadline);
      }
      timer = next;
    }
  }
  wheel->now = to;
}

#endif
