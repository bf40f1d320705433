#define _GNU_SOURCE
#include "COutside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#define TO_GROUP 4
#define BY_PIDFD ((idtype_t)3)

/* What the kernel of 6.13 and later tells of a pidfd; since 6.15 with the end. */
struct pidfd_information {
  uint64_t mask;
  uint64_t cgroup;
  uint32_t numbers[11];
  int32_t status;
};
#define INFORMATION_OF_END 8
#define GET_INFORMATION _IOWR(0xFF, 11, struct pidfd_information)

static int end_by_pidfd(int pidfd, struct outside_end *end) {
  struct pidfd_information information;
  memset(&information, 0, sizeof information);
  information.mask = INFORMATION_OF_END;
  if (ioctl(pidfd, GET_INFORMATION, &information) != 0 || !(information.mask & INFORMATION_OF_END)) {
    errno = ECHILD;
    return -1;
  }
  end->signal = WIFSIGNALED(information.status) ? WTERMSIG(information.status) : 0;
  end->code = WIFEXITED(information.status) ? WEXITSTATUS(information.status) : -1;
  return 1;
}

int outside_wait(int pidfd, bool reap, struct outside_end *end) {
  siginfo_t information;
  information.si_pid = 0;
  int status = waitid(BY_PIDFD, (id_t)pidfd, &information, WEXITED | WNOHANG | (reap ? 0 : WNOWAIT));
  if (status != 0) return errno == ECHILD ? end_by_pidfd(pidfd, end) : -1;
  if (information.si_pid == 0) return 0;
  bool has_exited = information.si_code == CLD_EXITED;
  end->code = has_exited ? information.si_status : -1;
  end->signal = has_exited ? 0 : information.si_status;
  return 1;
}

int outside_signal(int pidfd, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int outside_signal_group(int pidfd, pid_t leader, int signal) {
  int status = (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, TO_GROUP);
  return status != 0 && errno == EINVAL ? kill(-leader, signal) : status;
}

int outside_open_process(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int outside_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

pid_t outside_reap(pid_t pid) {
  siginfo_t information;
  information.si_pid = 0;
  return waitid(P_PID, (id_t)pid, &information, WEXITED | WNOHANG) == 0 ? information.si_pid : -1;
}

int outside_pipe(bool host_reads, int *host, int *child) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  *host = ends[host_reads ? 0 : 1];
  *child = ends[host_reads ? 1 : 0];
  return fcntl(*host, F_SETFL, O_NONBLOCK);
}

int outside_child_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
