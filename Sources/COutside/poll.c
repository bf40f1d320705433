#define _GNU_SOURCE
#include "COutside.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>

int outside_poll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int control(int poll, int operation, int descriptor, uint64_t token, unsigned interest) {
  struct epoll_event event = {
      .events = (interest & OUTSIDE_READABLE ? EPOLLIN : 0) | (interest & OUTSIDE_WRITABLE ? EPOLLOUT : 0),
      .data = {.u64 = token},
  };
  return epoll_ctl(poll, operation, descriptor, &event);
}

int outside_poll_add(int poll, int descriptor, uint64_t token, unsigned interest) {
  return control(poll, EPOLL_CTL_ADD, descriptor, token, interest);
}

int outside_poll_change(int poll, int descriptor, uint64_t token, unsigned interest) {
  return control(poll, EPOLL_CTL_MOD, descriptor, token, interest);
}

int outside_poll_remove(int poll, int descriptor) { return epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, NULL); }

int outside_poll_wait(int poll, struct outside_event *events, int capacity) {
  struct epoll_event found[64];
  int count = epoll_wait(poll, found, capacity < 64 ? capacity : 64, -1);
  if (count < 0) return errno == EINTR ? 0 : -1;
  for (int i = 0; i < count; i++) {
    unsigned bits = found[i].events;
    events[i].token = found[i].data.u64;
    events[i].bits = (bits & EPOLLIN ? OUTSIDE_READABLE : 0) | (bits & EPOLLOUT ? OUTSIDE_WRITABLE : 0)
        | (bits & (EPOLLHUP | EPOLLERR) ? OUTSIDE_HUNG_UP : 0);
  }
  return count;
}
