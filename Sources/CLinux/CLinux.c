#include "CLinux.h"

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
