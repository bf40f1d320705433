#ifndef CCURL_TRANSFER_H
#define CCURL_TRANSFER_H

#include "internal.h"

enum { MOST_LISTS = 8, MOST_SPARE = 64, ERROR_SIZE = 256 };

struct ccurl_multi {
  CURLM *handle;
  struct ccurl_callbacks callbacks;
  /* See ccurl_due; 0 for at once. */
  int64_t due;
  /* Handles that can be used again: making one takes 5 kB of work. */
  CURL *spare[MOST_SPARE];
  int spare_count;
};

struct bytes {
  uint8_t *at;
  size_t size, capacity;
};

struct ccurl_transfer {
  CURL *easy;
  struct ccurl_multi *multi;
  uint64_t id;
  bool expects_replies, is_sent;
  int reply;
  bool is_added, is_paused, has_pin, is_connected, has_answer;
  sa_family_t family;
  uint8_t pin[16];
  struct bytes head, body, upload;
  size_t sent;
  bool is_last;
  size_t head_limit, at_once;
  uint64_t body_limit, received;
  enum ccurl_refusal refusal;
  struct {
    int option;
    struct curl_slist *list;
  } lists[MOST_LISTS];
  char error[ERROR_SIZE];
};

/* Takes the steps that are due at once. */
void ccurl_settle(struct ccurl_multi *multi);
int ccurl_close_socket(void *multi, int socket);

#endif
