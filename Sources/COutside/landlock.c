#define _GNU_SOURCE
#include "COutside.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* <linux/landlock.h> of the system may be older than its kernel. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#endif

struct ruleset {
  uint64_t files, network, scope;
};
struct path_rule {
  uint64_t allowed;
  int32_t parent;
} __attribute__((packed));
struct port_rule {
  uint64_t allowed, port;
};
#define PATH_RULE 1
#define PORT_RULE 2

enum {
  EXECUTE = 1 << 0,
  WRITE_FILE = 1 << 1,
  READ_FILE = 1 << 2,
  READ_DIR = 1 << 3,
  /* Removing and making of files, folders, links, pipes and sockets. */
  CHANGE_NAMES = 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 12,
  /* Since version 1: all up to bit 12, devices among them. */
  ALL_OF_1 = (1 << 13) - 1,
  REFER = 1 << 13,    /* since 2 */
  TRUNCATE = 1 << 14, /* since 3 */
  CONTROL = 1 << 15,  /* ioctl of devices, since 5 */
  BIND = 1 << 0,
  CONNECT = 1 << 1,
  ABSTRACT_SOCKETS = 1 << 0, /* since 6 */
  SIGNALS = 1 << 1,          /* since 6 */
};
/* All that a rule for a file may allow. */
#define OF_FILES (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | CONTROL)

int outside_landlock_version(void) {
  int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
  return version > 0 ? version : 0;
}

static uint64_t handled_files(int version) {
  return ALL_OF_1 | (version >= 2 ? REFER : 0) | (version >= 3 ? TRUNCATE : 0) | (version >= 5 ? CONTROL : 0);
}

static uint64_t allowed(unsigned rights) {
  return (rights & OUTSIDE_READ ? READ_FILE | READ_DIR : 0) | (rights & OUTSIDE_LIST ? READ_DIR : 0)
      | (rights & OUTSIDE_RUN ? EXECUTE : 0)
      | (rights & OUTSIDE_WRITE ? WRITE_FILE | CHANGE_NAMES | REFER | TRUNCATE : 0);
}

static int add_path(int ruleset, const struct outside_rule *rule, uint64_t handled) {
  int place = open(rule->path, O_PATH | O_CLOEXEC);
  if (place < 0) return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -1;
  struct stat status;
  int result = fstat(place, &status);
  if (result == 0) {
    uint64_t mask = S_ISDIR(status.st_mode) ? handled : handled & OF_FILES;
    struct path_rule added = {.allowed = allowed(rule->rights) & mask, .parent = place};
    if (added.allowed != 0) result = (int)syscall(SYS_landlock_add_rule, ruleset, PATH_RULE, &added, 0);
  }
  int code = errno;
  close(place);
  errno = code;
  return result;
}

static int fill(
    int ruleset, const struct ruleset *handled, const struct outside_rule *rules, int count, const uint16_t *ports,
    int port_count) {
  for (int i = 0; i < count; i++) {
    if (add_path(ruleset, &rules[i], handled->files) != 0) return -1;
  }
  for (int i = 0; i < port_count && handled->network != 0; i++) {
    struct port_rule added = {.allowed = CONNECT, .port = ports[i]};
    if (syscall(SYS_landlock_add_rule, ruleset, PORT_RULE, &added, 0) != 0) return -1;
  }
  return 0;
}

int outside_ruleset(
    const struct outside_rule *rules, int count, const uint16_t *ports, int port_count, bool any_port) {
  int version = outside_landlock_version();
  if (version == 0) {
    errno = ENOSYS;
    return -1;
  }
  struct ruleset handled = {
      .files = handled_files(version),
      .network = version >= 4 && !any_port ? BIND | CONNECT : 0,
      .scope = version >= 6 ? ABSTRACT_SOCKETS | SIGNALS : 0,
  };
  /* A kernel accepts fields that it does not know as long as they are zero. */
  int ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
  if (ruleset < 0) return -1;
  if (fill(ruleset, &handled, rules, count, ports, port_count) == 0) return ruleset;
  int code = errno;
  close(ruleset);
  errno = code;
  return -1;
}
