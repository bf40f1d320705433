#ifndef CLINUX_H
#define CLINUX_H

/* Calls of Linux that Swift's Glibc module does not offer. Each function has the name of the call that it makes, and
   its return value and errno, unless it says otherwise. */

#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

/* Glibc lacks <sys/eventfd.h>. */
static inline int linux_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

/* Glibc lacks <sys/timerfd.h>. */
static inline int linux_timerfd_create(int clock) {
  return timerfd_create(clock, TFD_CLOEXEC | TFD_NONBLOCK);
}

/* Glibc lacks <sys/timerfd.h>. The time is absolute; one of zero disarms the timer. */
static inline int linux_timerfd_settime(int timer, struct timespec deadline, bool cancel_on_set) {
  struct itimerspec setting = {.it_value = deadline};
  return timerfd_settime(
      timer, TFD_TIMER_ABSTIME | (cancel_on_set ? TFD_TIMER_CANCEL_ON_SET : 0), &setting, NULL);
}

/* Glibc lacks <sys/epoll.h>. */
static inline int linux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

/* Glibc lacks <sys/epoll.h>, and Swift cannot import EPOLLET and EPOLLEXCLUSIVE, nor epoll_event, which is packed. */
static inline int linux_epoll_add(
    int epoll, int descriptor, uint8_t bits, bool edge_triggered, bool exclusive) {
  struct epoll_event event = {
      .events = EPOLLIN | (edge_triggered ? EPOLLET : 0) | (exclusive ? EPOLLEXCLUSIVE : 0),
      .data = {.u64 = bits},
  };
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

/* Glibc lacks <sys/epoll.h>. */
static inline int linux_epoll_remove(int epoll, int descriptor) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

/* Glibc lacks <sys/epoll.h>, and Swift cannot import epoll_event, which is packed. Returns the union of the bits with
   which the ready descriptors were added, or -1. */
static inline int linux_epoll_wait(int epoll, bool blocks) {
  struct epoll_event events[8];
  int count = epoll_wait(epoll, events, 8, blocks ? -1 : 0);
  if (count < 0) return -1;
  int bits = 0;
  for (int i = 0; i < count; i++) bits |= (int)events[i].data.u64;
  return bits;
}

/* Swift cannot import prctl, which is variadic. */
static inline int linux_prctl_set_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

/* Swift cannot import prctl, which is variadic. */
static inline int linux_prctl_set_timer_slack(unsigned long nanoseconds) {
  return prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
}

/* Swift cannot import prctl, which is variadic. */
static inline int linux_prctl_set_dumpable(int value) { return prctl(PR_SET_DUMPABLE, value, 0, 0, 0); }

/* Glibc declares gettid only with _GNU_SOURCE, and Swift cannot import syscall, which is variadic. */
static inline int32_t linux_gettid(void) { return (int32_t)syscall(SYS_gettid); }

/* Glibc has no openat2, and Swift cannot import syscall, which is variadic. The numbers are those of the kernel. */
enum {
  LINUX_RESOLVE_NO_MAGICLINKS = 0x02,
  LINUX_RESOLVE_NO_SYMLINKS = 0x04,
  LINUX_RESOLVE_BENEATH = 0x08,
};
static inline int linux_openat2(int folder, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct { uint64_t flags, mode, resolve; } how = {flags, mode, resolve};
  return (int)syscall(437, folder, path, &how, sizeof how);
}

/* Glibc lacks <sys/vfs.h>. The kind of the file system that an open file is on (fstatfs); 0 if it is not told. */
static inline uint32_t linux_file_system(int descriptor) {
  struct statfs status;
  return fstatfs(descriptor, &status) == 0 ? (uint32_t)status.f_type : 0;
}

/* Glibc declares these only with _GNU_SOURCE. They are the same on x86-64 and arm64, but for O_DIRECTORY. */
static inline int linux_o_path(void) { return 010000000; }
static inline int linux_o_unnamed(void) { return 020000000 | O_DIRECTORY; }

/* An argument of the process, 0 its name; NULL past the last. Swift reads them from /proc, which may be missing. */
const char *linux_argument(int index);

/* Removes the first variable whose name begins with a text from the environment, and overwrites it where it stands. Returns
   a copy to free; NULL if there is none, or no memory. Only while the process has one thread. */
char *linux_take_variable(const char *prefix);

/* Glibc lacks <malloc.h>. Sizes in bytes. */
static inline void linux_set_malloc_thresholds(int mapped_from, int trimmed_from) {
  mallopt(M_MMAP_THRESHOLD, mapped_from);
  mallopt(M_TRIM_THRESHOLD, trimmed_from);
}

#endif
