#define _GNU_SOURCE
#include "transfer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

enum {
  WRITEDATA = 10001,
  READDATA = 10009,
  ERRORBUFFER = 10010,
  WRITEFUNCTION = 20011,
  READFUNCTION = 20012,
  HEADERDATA = 10029,
  HEADERFUNCTION = 20079,
  SSLVERSION = 32,
  NOPROGRESS = 43,
  FOLLOWLOCATION = 52,
  HTTP_VERSION = 84,
  NOSIGNAL = 99,
  PRIVATE = 10103,
  OPENSOCKETFUNCTION = 20163,
  OPENSOCKETDATA = 10164,
  NOPROXY = 10177,
  PROTOCOLS = 181,
  CLOSESOCKETFUNCTION = 20208,
  CLOSESOCKETDATA = 10209,
  TCP_KEEPALIVE = 213,
  TCP_KEEPIDLE = 214,
  TCP_KEEPINTVL = 215,
  SUPPRESS_CONNECT_HEADERS = 265,
  PREREQFUNCTION = 20312,
  PREREQDATA = 10313,
  PROTOCOLS_STR = 10318,
};

enum { TLS_1_2 = 6, HTTP_1_1 = 2, PAUSE = 0x10000001, ABORT = 0x10000000 };
enum { INFO_STATUS = 0x200000 + 2, INFO_ERRNO = 0x200000 + 25 };

/* --- Memory --- */

/* Makes room for `more` bytes. Large buffers ask whether they may grow. */
static bool grow(struct ccurl_transfer *transfer, struct bytes *bytes, size_t more) {
  if (bytes->capacity - bytes->size >= more) return true;
  size_t capacity = bytes->capacity ? bytes->capacity : 512;
  while (capacity - bytes->size < more) capacity *= 2;
  if (bytes == &transfer->body && capacity > 65536) {
    struct ccurl_callbacks *callbacks = &transfer->multi->callbacks;
    if (callbacks->on_event(callbacks->context, transfer->id, CCURL_ROOM, capacity) != 0) return false;
  }
  uint8_t *at = realloc(bytes->at, capacity);
  if (!at) return false;
  bytes->at = at;
  bytes->capacity = capacity;
  return true;
}

static bool append(struct ccurl_transfer *transfer, struct bytes *bytes, const void *more, size_t size) {
  if (!grow(transfer, bytes, size)) return false;
  if (size) memcpy(bytes->at + bytes->size, more, size);
  bytes->size += size;
  return true;
}

static size_t refuse(struct ccurl_transfer *transfer, enum ccurl_refusal refusal) {
  transfer->refusal = refusal;
  return 0;
}

/* --- What libcurl calls --- */

static size_t on_head(char *line, size_t unit, size_t count, void *context) {
  struct ccurl_transfer *transfer = context;
  size_t size = unit * count;
  transfer->has_answer = true;
  /* Of several answers, such as 100 and 200, the last one counts. */
  if (size >= 5 && memcmp(line, "HTTP/", 5) == 0) transfer->head.size = 0;
  if (transfer->head.size + size > transfer->head_limit) return refuse(transfer, CCURL_HEAD_TOO_LARGE);
  if (!append(transfer, &transfer->head, line, size)) return refuse(transfer, CCURL_NO_ROOM);
  return size;
}

static size_t on_body(char *data, size_t unit, size_t count, void *context) {
  struct ccurl_transfer *transfer = context;
  size_t size = unit * count;
  if (transfer->received + size > transfer->body_limit) {
    refuse(transfer, CCURL_BODY_TOO_LARGE);
    return size + 1;
  }
  if (transfer->at_once && transfer->body.size + size > transfer->at_once && transfer->body.size > 0) {
    struct ccurl_callbacks *callbacks = &transfer->multi->callbacks;
    if (!transfer->is_paused) callbacks->on_event(callbacks->context, transfer->id, CCURL_FULL, 0);
    transfer->is_paused = true;
    return PAUSE;
  }
  if (!append(transfer, &transfer->body, data, size)) {
    refuse(transfer, CCURL_NO_ROOM);
    return size + 1;
  }
  transfer->received += size;
  return size;
}

static size_t on_upload(char *buffer, size_t unit, size_t count, void *context) {
  struct ccurl_transfer *transfer = context;
  size_t room = unit * count, left = transfer->upload.size - transfer->sent;
  if (left == 0 && !transfer->is_last) {
    struct ccurl_callbacks *callbacks = &transfer->multi->callbacks;
    if (!transfer->is_paused) callbacks->on_event(callbacks->context, transfer->id, CCURL_HUNGRY, 0);
    transfer->is_paused = true;
    return PAUSE;
  }
  if (left > room) left = room;
  if (left) memcpy(buffer, transfer->upload.at + transfer->sent, left);
  transfer->sent += left;
  return left;
}

/* Begins the upload anew, when libcurl takes another connection for it. 2 says that it cannot. */
static int on_seek(void *context, int64_t offset, int origin) {
  struct ccurl_transfer *transfer = context;
  if (!transfer->is_last || origin != SEEK_SET || offset < 0 || (size_t)offset > transfer->upload.size) return 2;
  transfer->sent = (size_t)offset;
  return 0;
}

static int on_open(void *context, int purpose, struct curl_sockaddr *address) {
  (void)purpose;
  struct ccurl_transfer *transfer = context;
  bool is_wanted = false;
  if (address->family == AF_INET) {
    is_wanted = transfer->has_pin && transfer->family == AF_INET &&
                memcmp(&((struct sockaddr_in *)&address->addr)->sin_addr, transfer->pin, 4) == 0;
  } else if (address->family == AF_INET6) {
    is_wanted = transfer->has_pin && transfer->family == AF_INET6 &&
                memcmp(&((struct sockaddr_in6 *)&address->addr)->sin6_addr, transfer->pin, 16) == 0;
  } else if (address->family == AF_UNIX) {
    is_wanted = !transfer->has_pin;
  }
  if (!is_wanted) {
    refuse(transfer, CCURL_OTHER_ADDRESS);
    return -1;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
}

static int on_request(void *context, char *peer, char *own, int peer_port, int own_port) {
  (void)own, (void)peer_port, (void)own_port;
  struct ccurl_transfer *transfer = context;
  transfer->is_connected = true;
  if (!transfer->has_pin) return 0;
  uint8_t bytes[16];
  size_t size = transfer->family == AF_INET ? 4 : 16;
  if (inet_pton(transfer->family, peer, bytes) == 1 && memcmp(bytes, transfer->pin, size) == 0) return 0;
  refuse(transfer, CCURL_OTHER_ADDRESS);
  return 1;
}

/* --- Its life --- */

static void set_up(struct ccurl_transfer *transfer) {
  CURL *easy = transfer->easy;
  ccurl.easy_setopt(easy, PRIVATE, transfer);
  ccurl.easy_setopt(easy, ERRORBUFFER, transfer->error);
  ccurl.easy_setopt(easy, WRITEFUNCTION, on_body);
  ccurl.easy_setopt(easy, WRITEDATA, transfer);
  ccurl.easy_setopt(easy, HEADERFUNCTION, on_head);
  ccurl.easy_setopt(easy, HEADERDATA, transfer);
  ccurl.easy_setopt(easy, OPENSOCKETFUNCTION, on_open);
  ccurl.easy_setopt(easy, OPENSOCKETDATA, transfer);
  /* Connections outlive the transfer that has opened them. */
  ccurl.easy_setopt(easy, CLOSESOCKETFUNCTION, ccurl_close_socket);
  ccurl.easy_setopt(easy, CLOSESOCKETDATA, transfer->multi);
  ccurl.easy_setopt(easy, PREREQFUNCTION, on_request);
  ccurl.easy_setopt(easy, PREREQDATA, transfer);
  ccurl.easy_setopt(easy, NOSIGNAL, 1L);
  ccurl.easy_setopt(easy, NOPROGRESS, 1L);
  ccurl.easy_setopt(easy, FOLLOWLOCATION, 0L);
  ccurl.easy_setopt(easy, SUPPRESS_CONNECT_HEADERS, 1L);
  ccurl.easy_setopt(easy, SSLVERSION, (long)TLS_1_2);
  /* One request at a time on a connection, so that its end is that of the request. */
  ccurl.easy_setopt(easy, HTTP_VERSION, (long)HTTP_1_1);
  ccurl.easy_setopt(easy, TCP_KEEPALIVE, 1L);
  ccurl.easy_setopt(easy, TCP_KEEPIDLE, 30L);
  ccurl.easy_setopt(easy, TCP_KEEPINTVL, 30L);
  /* libcurl reads the proxy of the environment at each request if none is set. */
  ccurl.easy_setopt(easy, CCURL_PROXY, "");
  ccurl.easy_setopt(easy, NOPROXY, "");
}

struct ccurl_transfer *ccurl_transfer_create(struct ccurl_multi *multi, uint64_t id) {
  struct ccurl_transfer *transfer = calloc(1, sizeof *transfer);
  if (!transfer) return NULL;
  transfer->easy = multi->spare_count ? multi->spare[--multi->spare_count] : ccurl.easy_init();
  if (!transfer->easy) {
    free(transfer);
    return NULL;
  }
  transfer->multi = multi;
  transfer->id = id;
  transfer->is_last = true;
  transfer->head_limit = 262144;
  set_up(transfer);
  return transfer;
}

uint64_t ccurl_transfer_id(const struct ccurl_transfer *transfer) { return transfer->id; }

void ccurl_transfer_free(struct ccurl_transfer *transfer) {
  struct ccurl_multi *multi = transfer->multi;
  if (transfer->is_added) ccurl.multi_remove_handle(multi->handle, transfer->easy);
  for (int i = 0; i < MOST_LISTS && transfer->lists[i].list; i++) ccurl.slist_free_all(transfer->lists[i].list);
  if (multi->spare_count < MOST_SPARE) {
    ccurl.easy_reset(transfer->easy);
    multi->spare[multi->spare_count++] = transfer->easy;
  } else {
    ccurl.easy_cleanup(transfer->easy);
  }
  free(transfer->head.at);
  free(transfer->body.at);
  free(transfer->upload.at);
  free(transfer);
}

bool ccurl_set_number(struct ccurl_transfer *transfer, int option, int64_t value) {
  if (option >= 30000) return ccurl.easy_setopt(transfer->easy, option, value) == 0;
  return ccurl.easy_setopt(transfer->easy, option, (long)value) == 0;
}

bool ccurl_set_text(struct ccurl_transfer *transfer, int option, const char *value) {
  return ccurl.easy_setopt(transfer->easy, option, value) == 0;
}

bool ccurl_set_bytes(struct ccurl_transfer *transfer, int option, const void *bytes, size_t size) {
  enum { COPY = 1 };
  struct curl_blob blob = {.data = (void *)bytes, .len = size, .flags = COPY};
  return ccurl.easy_setopt(transfer->easy, option, &blob) == 0;
}

bool ccurl_add_text(struct ccurl_transfer *transfer, int option, const char *value) {
  for (int i = 0; i < MOST_LISTS; i++) {
    if (transfer->lists[i].list && transfer->lists[i].option != option) continue;
    struct curl_slist *list = ccurl.slist_append(transfer->lists[i].list, value);
    if (!list) return false;
    transfer->lists[i].option = option;
    transfer->lists[i].list = list;
    return true;
  }
  return false;
}

/* By their bits, for a libcurl that is older than 7.85. */
static long bits_of(const char *names) {
  static const struct {
    const char *name;
    long bit;
  } schemes[] = {{"http", 1 << 0}, {"https", 1 << 1}, {"smtp", 1 << 16}, {"smtps", 1 << 17}};
  long bits = 0;
  for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
    size_t length = strlen(schemes[i].name);
    for (const char *at = names; (at = strcasestr(at, schemes[i].name)); at += length) {
      bool begins = at == names || at[-1] == ',', ends = at[length] == 0 || at[length] == ',';
      if (begins && ends) bits |= schemes[i].bit;
    }
  }
  return bits;
}

bool ccurl_set_schemes(struct ccurl_transfer *transfer, const char *names) {
  if (ccurl.easy_setopt(transfer->easy, PROTOCOLS_STR, names) == 0) return true;
  return ccurl.easy_setopt(transfer->easy, PROTOCOLS, bits_of(names)) == 0;
}

bool ccurl_pin(struct ccurl_transfer *transfer, const char *address) {
  transfer->family = strchr(address, ':') ? AF_INET6 : AF_INET;
  transfer->has_pin = true;
  return inet_pton(transfer->family, address, transfer->pin) == 1;
}

void ccurl_bound(struct ccurl_transfer *transfer, size_t head, uint64_t body, size_t at_once) {
  transfer->head_limit = head;
  transfer->body_limit = body;
  transfer->at_once = at_once;
}

bool ccurl_send(struct ccurl_transfer *transfer, const void *bytes, size_t size, bool is_last) {
  enum { SEEKFUNCTION = 20167, SEEKDATA = 10168 };
  transfer->is_last = is_last;
  ccurl.easy_setopt(transfer->easy, READFUNCTION, on_upload);
  ccurl.easy_setopt(transfer->easy, READDATA, transfer);
  ccurl.easy_setopt(transfer->easy, SEEKFUNCTION, on_seek);
  ccurl.easy_setopt(transfer->easy, SEEKDATA, transfer);
  return append(transfer, &transfer->upload, bytes, size);
}

bool ccurl_begin(struct ccurl_transfer *transfer) {
  for (int i = 0; i < MOST_LISTS && transfer->lists[i].list; i++) {
    if (ccurl.easy_setopt(transfer->easy, transfer->lists[i].option, transfer->lists[i].list) != 0) return false;
  }
  if (ccurl.multi_add_handle(transfer->multi->handle, transfer->easy) != 0) return false;
  transfer->is_added = true;
  ccurl_settle(transfer->multi);
  return true;
}

void ccurl_resume(struct ccurl_transfer *transfer) {
  transfer->is_paused = false;
  ccurl.easy_pause(transfer->easy, 0);
  ccurl_settle(transfer->multi);
}

bool ccurl_feed(struct ccurl_transfer *transfer, const void *bytes, size_t size, bool is_last) {
  transfer->upload.size = transfer->sent = 0;
  transfer->is_last = is_last;
  if (!append(transfer, &transfer->upload, bytes, size)) return false;
  ccurl_resume(transfer);
  return true;
}

/* --- What has come --- */

enum ccurl_refusal ccurl_refused(const struct ccurl_transfer *transfer) { return transfer->refusal; }

int ccurl_status(struct ccurl_transfer *transfer) {
  long status = 0;
  ccurl.easy_getinfo(transfer->easy, INFO_STATUS, &status);
  return (int)status;
}

bool ccurl_is_connected(const struct ccurl_transfer *transfer) { return transfer->is_connected; }

bool ccurl_has_answer(const struct ccurl_transfer *transfer) { return transfer->has_answer; }

const uint8_t *ccurl_head(const struct ccurl_transfer *transfer, size_t *size) {
  *size = transfer->head.size;
  return transfer->head.at;
}

const uint8_t *ccurl_body(const struct ccurl_transfer *transfer, size_t *size) {
  *size = transfer->body.size;
  return transfer->body.at;
}

uint64_t ccurl_received(const struct ccurl_transfer *transfer) { return transfer->received; }

void ccurl_clear_body(struct ccurl_transfer *transfer) { transfer->body.size = 0; }

const char *ccurl_message(struct ccurl_transfer *transfer, int result) {
  return transfer->error[0] ? transfer->error : ccurl.easy_strerror(result);
}

int ccurl_error_number(struct ccurl_transfer *transfer) {
  long number = 0;
  ccurl.easy_getinfo(transfer->easy, INFO_ERRNO, &number);
  return (int)number;
}
