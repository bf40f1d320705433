#define _GNU_SOURCE
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "transfer.h"

enum {
  SOCKETFUNCTION = 20001,
  SOCKETDATA = 10002,
  PIPELINING = 3,
  TIMERFUNCTION = 20004,
  TIMERDATA = 10005,
  MAXCONNECTS = 6,
  MAX_HOST_CONNECTIONS = 7,
};

enum { POLL_IN = 1, POLL_OUT = 2, POLL_INOUT = 3 };

static int on_socket(CURL *easy, int socket, int what, void *context, void *unused) {
  (void)easy, (void)unused;
  struct ccurl_multi *multi = context;
  int bits = 0;
  if (what == POLL_IN || what == POLL_INOUT) bits |= CCURL_READ;
  if (what == POLL_OUT || what == POLL_INOUT) bits |= CCURL_WRITE;
  multi->callbacks.on_socket(multi->callbacks.context, socket, bits);
  return 0;
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int on_timer(CURLM *handle, long milliseconds, void *context) {
  (void)handle;
  ((struct ccurl_multi *)context)->due = milliseconds > 0 ? now() + milliseconds * 1000000LL : milliseconds;
  return 0;
}

int ccurl_close_socket(void *context, int socket) {
  struct ccurl_multi *multi = context;
  multi->callbacks.on_close(multi->callbacks.context, socket);
  return close(socket);
}

struct ccurl_multi *ccurl_multi_create(
    struct ccurl_callbacks callbacks, long connections_of_origin, long idle_connections) {
  struct ccurl_multi *multi = calloc(1, sizeof *multi);
  if (!multi) return NULL;
  multi->callbacks = callbacks;
  multi->due = -1;
  multi->handle = ccurl.multi_init();
  if (!multi->handle) {
    free(multi);
    return NULL;
  }
  ccurl.multi_setopt(multi->handle, SOCKETFUNCTION, on_socket);
  ccurl.multi_setopt(multi->handle, SOCKETDATA, multi);
  ccurl.multi_setopt(multi->handle, TIMERFUNCTION, on_timer);
  ccurl.multi_setopt(multi->handle, TIMERDATA, multi);
  ccurl.multi_setopt(multi->handle, PIPELINING, 0L);
  ccurl.multi_setopt(multi->handle, MAXCONNECTS, idle_connections);
  ccurl.multi_setopt(multi->handle, MAX_HOST_CONNECTIONS, connections_of_origin);
  return multi;
}

void ccurl_multi_free(struct ccurl_multi *multi) {
  ccurl.multi_cleanup(multi->handle);
  while (multi->spare_count > 0) ccurl.easy_cleanup(multi->spare[--multi->spare_count]);
  free(multi);
}

/* libcurl asks to be called at once after most steps. Doing so here spares the way through the kernel's timer. */
enum { MOST_STEPS = 32 };

void ccurl_settle(struct ccurl_multi *multi) {
  int running;
  for (int i = 0; i < MOST_STEPS && multi->due == 0; i++) {
    multi->due = -1;
    ccurl.multi_socket_action(multi->handle, -1, 0, &running);
  }
}

void ccurl_act(struct ccurl_multi *multi, int socket, int bits) {
  int running;
  if (socket < 0) multi->due = -1;
  ccurl.multi_socket_action(multi->handle, socket, bits, &running);
  ccurl_settle(multi);
}

int64_t ccurl_due(struct ccurl_multi *multi) { return multi->due; }

enum { MESSAGE_DONE = 1, INFO_PRIVATE = 0x100000 + 21 };

struct ccurl_transfer *ccurl_next_done(struct ccurl_multi *multi, int *result) {
  int left;
  struct CURLMsg *message;
  while ((message = ccurl.multi_info_read(multi->handle, &left))) {
    if (message->msg != MESSAGE_DONE) continue;
    struct ccurl_transfer *transfer = NULL;
    int code = message->data.result;
    ccurl.easy_getinfo(message->easy_handle, INFO_PRIVATE, &transfer);
    if (!transfer) continue;
    ccurl.multi_remove_handle(multi->handle, transfer->easy);
    transfer->is_added = false;
    *result = code;
    return transfer;
  }
  return NULL;
}
