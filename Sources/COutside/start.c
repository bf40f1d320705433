#define _GNU_SOURCE
#include "COutside.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#define CLOSE_RANGE_ON_EXEC 4
#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446
#endif

/* The child shares the memory of the host until it runs its program, so a sanitizer must not take its stack for one of
   the host's threads. */
#if defined(__has_feature)
#define ALONE __attribute__((noinline, no_sanitize("address", "thread", "undefined")))
#else
#define ALONE __attribute__((noinline))
#endif

#define KERNEL_SIGNALS 64

struct start {
  const struct outside_program *program;
  pid_t host;
  /* Written by the child. The thread of the host waits meanwhile. */
  volatile int code;
  volatile int stage;
};

ALONE static void set_mask(uint64_t mask, uint64_t *before) {
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, before, sizeof mask);
}

/* A handler of the host must not run here, in its memory; and what the host ignores, such as SIGPIPE, the program is to
   see: `yes | head` would not end otherwise. Past libc, which leaves out the signals that it uses itself; no kernel has a
   larger structure, and all zeros are the default. */
ALONE static void reset_handlers(void) {
  uint64_t standard[4] = {0, 0, 0, 0};
  for (int number = 1; number <= KERNEL_SIGNALS; number++) {
    syscall(SYS_rt_sigaction, number, standard, NULL, sizeof(uint64_t));
  }
}

ALONE static int limit(int resource, uint64_t soft, uint64_t hard) {
  struct rlimit current;
  if (soft == 0) return 0;
  if (getrlimit(resource, &current) != 0) return -1;
  struct rlimit wanted = {.rlim_cur = soft, .rlim_max = hard};
  if (wanted.rlim_max > current.rlim_max) wanted.rlim_max = current.rlim_max;
  if (wanted.rlim_cur > wanted.rlim_max) wanted.rlim_cur = wanted.rlim_max;
  return setrlimit(resource, &wanted);
}

ALONE static int set_limits(const struct outside_program *program) {
  if (program->umask >= 0) umask((mode_t)program->umask);
  if (program->nice != 0) {
    errno = 0;
    int current = getpriority(PRIO_PROCESS, 0);
    if (errno != 0 || setpriority(PRIO_PROCESS, 0, current + program->nice) != 0) return -1;
  }
  if (limit(RLIMIT_AS, program->memory, program->memory) != 0) return -1;
  /* SIGXCPU first, which a program may handle; a second later SIGKILL. */
  return limit(RLIMIT_CPU, program->cpu, program->cpu + 1);
}

ALONE static int confine(const struct outside_program *program) {
  bool is_confined = program->ruleset >= 0;
  if ((is_confined || program->no_new_privileges) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return is_confined ? (int)syscall(SYS_landlock_restrict_self, program->ruleset, 0) : 0;
}

/* Kernels before 5.11 cannot mark a range, those before 5.9 not even close one. */
ALONE static void close_others(void) {
  if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_ON_EXEC) == 0) return;
  if (syscall(SYS_close_range, 3, ~0U, 0) == 0) return;
  struct rlimit limit;
  rlim_t end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? limit.rlim_cur : 65536;
  for (rlim_t number = 3; number < end; number++) close((int)number);
}

ALONE static int set_descriptors(const struct outside_program *program) {
  if (dup2(program->input, 0) < 0 || dup2(program->output, 1) < 0 || dup2(program->error, 2) < 0) return -1;
  return 0;
}

/* Runs in the child, on a stack of its own and in the memory of the host: system calls alone. */
ALONE static int run_child(void *data) {
  struct start *start = data;
  const struct outside_program *program = start->program;
  reset_handlers();
  start->stage = OUTSIDE_SESSION;
  if (setsid() < 0) goto failed;
  start->stage = OUTSIDE_PARENT;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) goto failed;
  /* The host may have ended before that. */
  if (getppid() != start->host) _exit(127);
  start->stage = OUTSIDE_LIMITS;
  if (set_limits(program) != 0) goto failed;
  start->stage = OUTSIDE_FOLDER;
  if (program->folder != NULL && chdir(program->folder) != 0) goto failed;
  start->stage = OUTSIDE_DESCRIPTORS;
  if (set_descriptors(program) != 0) goto failed;
  start->stage = OUTSIDE_CONFINE;
  if (confine(program) != 0) goto failed;
  close_others();
  start->stage = OUTSIDE_EXECUTE;
  set_mask(0, NULL);
  execve(program->path, program->arguments, program->environment);
failed:
  start->code = errno;
  _exit(127);
}

/* The descriptor itself, or a copy that no dup2 to 0, 1 or 2 can overwrite. */
static int above_standard(int descriptor, int *copy) {
  *copy = descriptor < 3 ? fcntl(descriptor, F_DUPFD_CLOEXEC, 3) : -1;
  return *copy >= 0 ? *copy : descriptor;
}

ALONE static struct outside_child clone_child(struct start *start) {
  struct outside_child child = {.pid = -1, .descriptor = -1, .code = 0, .stage = 0};
  _Alignas(16) char stack[32 << 10];
  uint64_t mask = 0;
  set_mask(~(uint64_t)0, &mask);
  int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
  child.pid = clone(run_child, stack + sizeof stack, flags, start, &child.descriptor);
  child.code = child.pid < 0 ? errno : start->code;
  child.stage = child.pid < 0 ? OUTSIDE_CLONE : (enum outside_stage)start->stage;
  set_mask(mask, NULL);
  return child;
}

struct outside_child outside_start(const struct outside_program *program) {
  int copies[3];
  struct outside_program given = *program;
  given.input = above_standard(program->input, &copies[0]);
  given.output = above_standard(program->output, &copies[1]);
  given.error = above_standard(program->error, &copies[2]);
  struct start start = {.program = &given, .host = getpid(), .code = 0, .stage = 0};
  struct outside_child child = clone_child(&start);
  for (int i = 0; i < 3; i++) {
    if (copies[i] >= 0) close(copies[i]);
  }
  if (child.pid >= 0 && child.code != 0) {
    /* It has ended, or is about to. */
    siginfo_t information;
    while (waitid((idtype_t)3 /* P_PIDFD */, (id_t)child.descriptor, &information, WEXITED) < 0 && errno == EINTR) {}
    close(child.descriptor);
    child.pid = child.descriptor = -1;
  }
  return child;
}
