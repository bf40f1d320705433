#ifndef CCURL_INTERNAL_H
#define CCURL_INTERNAL_H

/* The functions of libcurl, by pointers that ccurl_load fills in. */

#include "CCurl.h"

typedef void CURL;
typedef void CURLM;
typedef void CURLU;

struct curl_slist {
  char *data;
  struct curl_slist *next;
};

struct CURLMsg {
  int msg;
  CURL *easy_handle;
  union {
    void *whatever;
    int result;
  } data;
};

struct curl_sockaddr {
  int family;
  int socktype;
  int protocol;
  unsigned int addrlen;
  struct sockaddr addr;
};

struct curl_blob {
  void *data;
  size_t len;
  unsigned int flags;
};

struct ccurl_functions {
  int (*global_init)(long flags);
  CURL *(*easy_init)(void);
  void (*easy_cleanup)(CURL *easy);
  int (*easy_setopt)(CURL *easy, int option, ...);
  int (*easy_getinfo)(CURL *easy, int info, ...);
  int (*easy_pause)(CURL *easy, int bits);
  void (*easy_reset)(CURL *easy);
  const char *(*easy_strerror)(int result);
  struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
  void (*slist_free_all)(struct curl_slist *list);
  CURLM *(*multi_init)(void);
  int (*multi_cleanup)(CURLM *multi);
  int (*multi_setopt)(CURLM *multi, int option, ...);
  int (*multi_add_handle)(CURLM *multi, CURL *easy);
  int (*multi_remove_handle)(CURLM *multi, CURL *easy);
  int (*multi_socket_action)(CURLM *multi, int socket, int bits, int *running);
  struct CURLMsg *(*multi_info_read)(CURLM *multi, int *left);
  CURLU *(*url)(void);
  void (*url_cleanup)(CURLU *url);
  int (*url_set)(CURLU *url, int part, const char *text, unsigned int flags);
  int (*url_get)(CURLU *url, int part, char **text, unsigned int flags);
  void (*free)(void *pointer);
};

extern struct ccurl_functions ccurl;

#endif
