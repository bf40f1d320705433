#ifndef COUTSIDE_H
#define COUTSIDE_H

/* What the host does outside of itself, below what libc offers: starting programs, confining them, and waiting for many
   descriptors at once. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* --- Starting a program --- */

/* What of a start has failed. */
enum outside_stage {
  OUTSIDE_CLONE = 1,
  OUTSIDE_SESSION,
  OUTSIDE_PARENT,
  OUTSIDE_LIMITS,
  OUTSIDE_FOLDER,
  OUTSIDE_DESCRIPTORS,
  OUTSIDE_CONFINE,
  OUTSIDE_EXECUTE,
};

/* A program to start. All pointers are lent for the call. */
struct outside_program {
  /* The file, not searched for in PATH. */
  const char *path;
  /* Both end with NULL. */
  char *const *arguments;
  char *const *environment;
  /* The working folder; NULL keeps the host's. */
  const char *folder;
  /* What become 0, 1 and 2. No other descriptor is handed down. */
  int input, output, error;
  /* The mask of new files; negative keeps the host's. */
  int umask;
  /* Added to the host's nice value; 0 keeps it. */
  int nice;
  /* Bytes of address space, and seconds of processor time, of each process; 0 sets no limit. */
  uint64_t memory, cpu;
  /* From outside_ruleset, or -1. One that is given sets no_new_privileges, too. */
  int ruleset;
  /* No program below it gains rights by set-user-ID bits. */
  bool no_new_privileges;
};

struct outside_child {
  /* The leader of a session and a process group of its own. */
  pid_t pid;
  /* Its pidfd, close-on-exec. */
  int descriptor;
  /* errno, and where it comes from; 0 if the program runs. */
  int code;
  enum outside_stage stage;
};

/* Starts the program, and waits until it runs or the start has failed. A child that failed is gone when this returns.

   The kernel kills the child when the thread that called this ends, with the host or before it: so call it in a thread
   that lives as long as the child may. */
struct outside_child outside_start(const struct outside_program *program);

/* --- Its end --- */

struct outside_end {
  /* The exit code, or -1. */
  int code;
  /* The signal that ended it, or 0. */
  int signal;
};

/* 1 if the child of the pidfd has ended, 0 if it lives, -1 with errno otherwise. Does not wait. `reap` makes it go for
   good; its number stays taken until then.

   ECHILD: somebody else has reaped it, such as the kernel for a host that ignores SIGCHLD. A kernel from 6.15 on still
   knows how it ended, so this is 1 there; on others it is -1. */
int outside_wait(int pidfd, bool reap, struct outside_end *end);

/* Like kill, by pidfd, so that it cannot hit another process that got the number since. */
int outside_signal(int pidfd, int signal);

/* Sends a signal to the process group whose leader has the pidfd and the number; 0 as the signal only asks whether the
   group has members, and a leader that is not reaped counts as one.

   Exact with kernels from 6.9 on, whatever became of the leader. Older ones know the group by its number alone: that is
   taken as long as the leader is not reaped, or the group has members. */
int outside_signal_group(int pidfd, pid_t leader, int signal);

/* A pidfd of any process, close-on-exec; -1 with errno. */
int outside_open_process(pid_t pid);

/* Makes the process adopt what its descendants leave behind, instead of the system's first process. */
int outside_become_subreaper(void);

/* Reaps the child of that number if it has ended: its number then, else 0 or -1 with errno. Does not wait. */
pid_t outside_reap(pid_t pid);

/* --- Confinement (Landlock) --- */

/* READ is also of the names in folders, which alone is LIST. */
enum outside_right { OUTSIDE_READ = 1, OUTSIDE_WRITE = 2, OUTSIDE_RUN = 4, OUTSIDE_LIST = 8 };

/* What may be done below a path, or with that one file. */
struct outside_rule {
  const char *path;
  unsigned rights;
};

/* The version of Landlock in the kernel; 0 if it has none. 4 knows ports, and 6 signals. */
int outside_landlock_version(void);

/* A descriptor for outside_program.ruleset: whoever gets it may do no more to files than the rules say, connect to
   these ports alone by TCP and wait for connections on none (from version 4 on, unless any_port), and signal
   only whom it started (from 6 on). A path that does not exist is left out. -1 with errno. */
int outside_ruleset(
    const struct outside_rule *rules, int count, const uint16_t *ports, int port_count, bool any_port);

/* --- Waiting for many descriptors (epoll) --- */

enum outside_interest { OUTSIDE_READABLE = 1, OUTSIDE_WRITABLE = 2, OUTSIDE_HUNG_UP = 4 };

struct outside_event {
  uint64_t token;
  /* Bits of outside_interest; an error counts as HUNG_UP. */
  unsigned bits;
};

int outside_poll_create(void);
int outside_poll_add(int poll, int descriptor, uint64_t token, unsigned interest);
int outside_poll_change(int poll, int descriptor, uint64_t token, unsigned interest);
int outside_poll_remove(int poll, int descriptor);
/* Waits until there is an event. The number of events; 0 if a signal interrupted the wait, -1 with errno. */
int outside_poll_wait(int poll, struct outside_event *events, int capacity);

/* Two ends of a pipe, close-on-exec: the one that the host keeps does not block. */
int outside_pipe(bool host_reads, int *host, int *child);

/* A pseudofile from which SIGCHLD is read instead of delivered; it must be blocked in all threads. Does not block. */
int outside_child_signals(void);

#endif
