#include "CLinux.h"

#include <stdlib.h>
#include <string.h>

static int argument_count;
static char **argument_texts;

/* The dynamic loader passes the arguments of main to constructors as well. */
__attribute__((constructor)) static void keep_arguments(int count, char **texts) {
  argument_count = count;
  argument_texts = texts;
}

const char *linux_argument(int index) {
  return index >= 0 && index < argument_count ? argument_texts[index] : NULL;
}

extern char **environ;

char *linux_take_variable(const char *prefix) {
  for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
    if (strncmp(*entry, prefix, strlen(prefix)) != 0) continue;
    char *copy = strdup(*entry);
    if (copy == NULL) return NULL;
    explicit_bzero(*entry, strlen(*entry));
    for (; *entry != NULL; entry++) entry[0] = entry[1];
    return copy;
  }
  return NULL;
}
