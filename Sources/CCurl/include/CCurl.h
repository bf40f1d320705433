#ifndef CCURL_H
#define CCURL_H

/* What the host needs of libcurl, which is loaded at the first call and not linked: a host whose scripts send nothing
   needs no libcurl, and loads none. Its headers are not needed either: the numbers of options and the layout of its
   structures are part of its binary interface, which has not changed since 2006, and what is used of it stands here and
   in curl.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Loads and initialises libcurl, once. Returns why that is impossible; NULL if it is there. Any thread. */
const char *ccurl_load(void);

/* --- URLs --- */

/* A URL as libcurl reads it, which is also who connects: no other parser has a say in where a request goes. Texts are
   NULL where a URL has no such part. */
struct ccurl_url {
  char *text, *scheme, *host, *zone, *path, *query, *user, *password;
  int port;
};

/* Reads `text`, which may be relative to `base` if that is not NULL. Spaces and bytes that are not ASCII are encoded; a
   fragment is dropped, and so are the user and the password, which are in the result alone. A `host` that is not NULL
   takes the place of the one in the text. Returns NULL, or what is wrong. Free the result in either case. */
const char *ccurl_url_read(
    const char *base, const char *text, const char *host, struct ccurl_url *result);
void ccurl_url_free(struct ccurl_url *url);

/* --- Transfers --- */

struct ccurl_multi;
struct ccurl_transfer;

enum ccurl_event {
  /* The body has grown to `size` bytes of memory. Not 0 refuses it. */
  CCURL_ROOM = 1,
  /* The body has as much as is kept at once; the transfer waits for ccurl_resume. */
  CCURL_FULL,
  /* All that was to be sent has been sent, and it is not the end; the transfer waits for ccurl_feed. */
  CCURL_HUNGRY,
};

/* The bits of ccurl_act, and what a socket is watched for. */
enum ccurl_bits { CCURL_READ = 1, CCURL_WRITE = 2, CCURL_ERROR = 4 };

struct ccurl_callbacks {
  void *context;
  /* Watch the socket for the bits; 0 is for a while nothing. */
  void (*on_socket)(void *context, int socket, int bits);
  /* The socket is about to be closed. */
  void (*on_close)(void *context, int socket);
  /* See ccurl_event. */
  int (*on_event)(void *context, uint64_t transfer, enum ccurl_event event, size_t size);
};

/* Many transfers that one thread does at once. All that follows is for that thread. NULL if there is no memory. */
struct ccurl_multi *ccurl_multi_create(
    struct ccurl_callbacks callbacks, long connections_of_origin, long idle_connections);
/* Remove all transfers before. */
void ccurl_multi_free(struct ccurl_multi *multi);
/* A socket is ready; -1 stands for the time that ccurl_due said. */
void ccurl_act(struct ccurl_multi *multi, int socket, int bits);
/* When ccurl_act is to be called for the time, in nanoseconds of CLOCK_BOOTTIME; -1 for never. */
int64_t ccurl_due(struct ccurl_multi *multi);
/* Takes the next transfer that is over, and says its result; NULL if there is none. */
struct ccurl_transfer *ccurl_next_done(struct ccurl_multi *multi, int *result);

/* A transfer that has not begun. `id` stands for it in callbacks. NULL if there is no memory. */
struct ccurl_transfer *ccurl_transfer_create(struct ccurl_multi *multi, uint64_t id);
uint64_t ccurl_transfer_id(const struct ccurl_transfer *transfer);
/* Ends it if it is under way, which closes its connection. */
void ccurl_transfer_free(struct ccurl_transfer *transfer);

/* Options: their numbers are below. Texts, bytes and lists are copied. False if libcurl refuses. */
bool ccurl_set_number(struct ccurl_transfer *transfer, int option, int64_t value);
bool ccurl_set_text(struct ccurl_transfer *transfer, int option, const char *value);
bool ccurl_set_bytes(struct ccurl_transfer *transfer, int option, const void *bytes, size_t size);
/* Adds a text to the list of an option; give the lists to libcurl by ccurl_begin. At most 8 options have a list. */
bool ccurl_add_text(struct ccurl_transfer *transfer, int option, const char *value);
/* The schemes that it may use, such as "http,https". */
bool ccurl_set_schemes(struct ccurl_transfer *transfer, const char *names);

/* The only address that it may connect to, in numbers. Checked when a socket is opened, and again when a connection is
   taken, since one that is there already is opened by nobody. Without one, it may use a socket in the file system alone. */
bool ccurl_pin(struct ccurl_transfer *transfer, const char *address);
/* Bytes that are kept of the head and of the whole body, and after which it waits to be resumed; 0 for never. */
void ccurl_bound(
    struct ccurl_transfer *transfer, size_t head, uint64_t body, size_t at_once);
/* What is sent, copied. `is_last` is false if more will be fed. */
bool ccurl_send(struct ccurl_transfer *transfer, const void *bytes, size_t size, bool is_last);

/* Begins. False if libcurl refuses. */
bool ccurl_begin(struct ccurl_transfer *transfer);
/* Goes on after CCURL_FULL; take the body first. */
void ccurl_resume(struct ccurl_transfer *transfer);
/* Goes on after CCURL_HUNGRY. */
bool ccurl_feed(struct ccurl_transfer *transfer, const void *bytes, size_t size, bool is_last);

/* --- What has come --- */

enum ccurl_refusal {
  CCURL_TAKEN = 0,
  CCURL_HEAD_TOO_LARGE,
  CCURL_BODY_TOO_LARGE,
  CCURL_NO_ROOM,
  CCURL_OTHER_ADDRESS,
};

/* Why we have ended it, if we have. */
enum ccurl_refusal ccurl_refused(const struct ccurl_transfer *transfer);
int ccurl_status(struct ccurl_transfer *transfer);
/* Whether it had a connection, with its security. */
bool ccurl_is_connected(const struct ccurl_transfer *transfer);
/* Whether any byte of an answer has come. */
bool ccurl_has_answer(const struct ccurl_transfer *transfer);
/* The header lines of the last answer, each with CR and LF. */
const uint8_t *ccurl_head(const struct ccurl_transfer *transfer, size_t *size);
const uint8_t *ccurl_body(const struct ccurl_transfer *transfer, size_t *size);
/* Bytes of the body so far, also those that were taken. */
uint64_t ccurl_received(const struct ccurl_transfer *transfer);
/* Forgets the body that is kept. */
void ccurl_clear_body(struct ccurl_transfer *transfer);
/* What went wrong, in words. */
const char *ccurl_message(struct ccurl_transfer *transfer, int result);
/* errno of a connection that failed. */
int ccurl_error_number(struct ccurl_transfer *transfer);

/* --- The numbers of libcurl --- */

enum ccurl_option {
  CCURL_URL = 10002,
  CCURL_PROXY = 10004,
  CCURL_LOW_SPEED_LIMIT = 19,
  CCURL_LOW_SPEED_TIME = 20,
  CCURL_HTTPHEADER = 10023,
  CCURL_CUSTOMREQUEST = 10036,
  CCURL_NOBODY = 44,
  CCURL_UPLOAD = 46,
  CCURL_HTTPPROXYTUNNEL = 61,
  CCURL_SSL_VERIFYPEER = 64,
  CCURL_FRESH_CONNECT = 74,
  CCURL_SSL_VERIFYHOST = 81,
  CCURL_ACCEPT_ENCODING = 10102,
  CCURL_INFILESIZE_LARGE = 30115,
  CCURL_USE_SSL = 119,
  CCURL_TIMEOUT_MS = 155,
  CCURL_CONNECTTIMEOUT_MS = 156,
  CCURL_USERNAME = 10173,
  CCURL_PASSWORD = 10174,
  CCURL_MAIL_FROM = 10186,
  CCURL_MAIL_RCPT = 10187,
  CCURL_UNIX_SOCKET_PATH = 10231,
  CCURL_CONNECT_TO = 10243,
  CCURL_PROXYUSERPWD = 10006,
  CCURL_SSLCERT_BLOB = 40291,
  CCURL_SSLKEY_BLOB = 40292,
  CCURL_CAINFO_BLOB = 40309,
};

enum ccurl_result {
  CCURLE_OK = 0,
  CCURLE_UNSUPPORTED_PROTOCOL = 1,
  CCURLE_URL_MALFORMAT = 3,
  CCURLE_COULDNT_RESOLVE_PROXY = 5,
  CCURLE_COULDNT_RESOLVE_HOST = 6,
  CCURLE_COULDNT_CONNECT = 7,
  CCURLE_PARTIAL_FILE = 18,
  CCURLE_WRITE_ERROR = 23,
  CCURLE_READ_ERROR = 26,
  CCURLE_OUT_OF_MEMORY = 27,
  CCURLE_OPERATION_TIMEDOUT = 28,
  CCURLE_SSL_CONNECT_ERROR = 35,
  CCURLE_ABORTED_BY_CALLBACK = 42,
  CCURLE_GOT_NOTHING = 52,
  CCURLE_SEND_ERROR = 55,
  CCURLE_RECV_ERROR = 56,
  CCURLE_SSL_CERTPROBLEM = 58,
  CCURLE_SSL_CIPHER = 59,
  CCURLE_PEER_FAILED_VERIFICATION = 60,
  CCURLE_USE_SSL_FAILED = 64,
  CCURLE_SEND_FAIL_REWIND = 65,
  CCURLE_SSL_ENGINE_INITFAILED = 66,
  CCURLE_LOGIN_DENIED = 67,
  CCURLE_SSL_CACERT_BADFILE = 77,
  CCURLE_SSL_ISSUER_ERROR = 83,
};

#endif
