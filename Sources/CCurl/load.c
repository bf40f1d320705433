#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#include "internal.h"

struct ccurl_functions ccurl;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[256];

/* The first with the checks of connections (CURLOPT_PREREQFUNCTION): 7.80. */
enum { OLDEST = 0x075000, GLOBAL_ALL = 3, VERSION_NOW = 9 };

struct version_info {
  int age;
  const char *version;
  unsigned int version_num;
};

static void *library;

static void find(const char *name, void **function) {
  *function = dlsym(library, name);
  if (!*function) snprintf(problem, sizeof problem, "http needs a newer libcurl: it has no %s", name);
}

static void find_all(void) {
  const struct {
    const char *name;
    void **function;
  } names[] = {
      {"curl_global_init", (void **)&ccurl.global_init},
      {"curl_easy_init", (void **)&ccurl.easy_init},
      {"curl_easy_cleanup", (void **)&ccurl.easy_cleanup},
      {"curl_easy_setopt", (void **)&ccurl.easy_setopt},
      {"curl_easy_getinfo", (void **)&ccurl.easy_getinfo},
      {"curl_easy_pause", (void **)&ccurl.easy_pause},
      {"curl_easy_reset", (void **)&ccurl.easy_reset},
      {"curl_easy_strerror", (void **)&ccurl.easy_strerror},
      {"curl_slist_append", (void **)&ccurl.slist_append},
      {"curl_slist_free_all", (void **)&ccurl.slist_free_all},
      {"curl_multi_init", (void **)&ccurl.multi_init},
      {"curl_multi_cleanup", (void **)&ccurl.multi_cleanup},
      {"curl_multi_setopt", (void **)&ccurl.multi_setopt},
      {"curl_multi_add_handle", (void **)&ccurl.multi_add_handle},
      {"curl_multi_remove_handle", (void **)&ccurl.multi_remove_handle},
      {"curl_multi_socket_action", (void **)&ccurl.multi_socket_action},
      {"curl_multi_info_read", (void **)&ccurl.multi_info_read},
      {"curl_url", (void **)&ccurl.url},
      {"curl_url_cleanup", (void **)&ccurl.url_cleanup},
      {"curl_url_set", (void **)&ccurl.url_set},
      {"curl_url_get", (void **)&ccurl.url_get},
      {"curl_free", (void **)&ccurl.free},
  };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) find(names[i].name, names[i].function);
}

static void load(void) {
  library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(problem, sizeof problem, "http needs libcurl (libcurl4 on Debian), which is not installed");
    return;
  }
  find_all();
  if (problem[0]) return;
  const struct version_info *(*version)(int) = (const struct version_info *(*)(int))dlsym(library, "curl_version_info");
  const struct version_info *info = version ? version(VERSION_NOW) : NULL;
  if (!info || info->version_num < OLDEST) {
    const char *found = info ? info->version : "older";
    snprintf(problem, sizeof problem, "http needs libcurl 7.80 or newer, and this is %s", found);
    return;
  }
  if (ccurl.global_init(GLOBAL_ALL) != 0) snprintf(problem, sizeof problem, "libcurl cannot be initialised");
}

const char *ccurl_load(void) {
  pthread_once(&once, load);
  return problem[0] ? problem : NULL;
}
