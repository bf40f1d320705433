#include <stdlib.h>
#include <string.h>

#include "internal.h"

enum part {
  URL_TEXT,
  URL_SCHEME,
  URL_USER,
  URL_PASSWORD,
  URL_OPTIONS,
  URL_HOST,
  URL_PORT,
  URL_PATH,
  URL_QUERY,
  URL_FRAGMENT,
  URL_ZONE,
};
enum { DEFAULT_PORT = 1, NO_DEFAULT_PORT = 2, URL_DECODE = 64, URL_ENCODE = 128, ALLOW_SPACE = 2048 };

static char *get(CURLU *url, enum part part, unsigned int flags) {
  char *text = NULL;
  if (ccurl.url_get(url, part, &text, flags) != 0) return NULL;
  char *copy = strdup(text);
  ccurl.free(text);
  return copy;
}

static const char *read_parts(CURLU *url, const char *host, struct ccurl_url *result) {
  result->user = get(url, URL_USER, URL_DECODE);
  result->password = get(url, URL_PASSWORD, URL_DECODE);
  ccurl.url_set(url, URL_USER, NULL, 0);
  ccurl.url_set(url, URL_PASSWORD, NULL, 0);
  ccurl.url_set(url, URL_OPTIONS, NULL, 0);
  ccurl.url_set(url, URL_FRAGMENT, NULL, 0);
  if (host && ccurl.url_set(url, URL_HOST, host, 0) != 0) return "its host is none";
  result->scheme = get(url, URL_SCHEME, 0);
  result->host = get(url, URL_HOST, 0);
  result->zone = get(url, URL_ZONE, 0);
  result->path = get(url, URL_PATH, 0);
  result->query = get(url, URL_QUERY, 0);
  result->text = get(url, URL_TEXT, NO_DEFAULT_PORT);
  char *port = get(url, URL_PORT, DEFAULT_PORT);
  result->port = port ? atoi(port) : 0;
  free(port);
  if (!result->text || !result->scheme || !result->host || !result->path) return "it has no host";
  return NULL;
}

const char *ccurl_url_read(
    const char *base, const char *text, const char *host, struct ccurl_url *result) {
  *result = (struct ccurl_url){0};
  CURLU *url = ccurl.url();
  if (!url) return "there is no memory for it";
  const char *problem = NULL;
  unsigned int flags = URL_ENCODE | ALLOW_SPACE;
  if (base && ccurl.url_set(url, URL_TEXT, base, flags) != 0) problem = "its base is none";
  if (!problem) {
    switch (ccurl.url_set(url, URL_TEXT, text, flags)) {
      case 0: problem = read_parts(url, host, result); break;
      case 4: problem = "its port is no number from 0 to 65535"; break;
      case 5: problem = "only http and https can be requested"; break;
      case 7: problem = "there is no memory for it"; break;
      default: problem = "it is no URL"; break;
    }
  }
  ccurl.url_cleanup(url);
  return problem;
}

void ccurl_url_free(struct ccurl_url *url) {
  free(url->text);
  free(url->scheme);
  free(url->host);
  free(url->zone);
  free(url->path);
  free(url->query);
  free(url->user);
  free(url->password);
}
