/* The only interface between Swift and Lua.
 *
 * Every function here is total: it returns to its caller, whatever the script does. Lua code runs under lua_pcall or
 * lua_resume. Arguments and results cross as flat messages (codec.c). A host function returns a status; C raises or
 * yields by it after the Swift frames have returned. So no longjmp ever crosses a Swift frame.
 *
 * Only one thread at a time may use an isolate; its owner decides which one. Byte ranges that a call returns are valid
 * until the next call on the same isolate. */
#ifndef MOONWHEEL_CLUABRIDGE_H
#define MOONWHEEL_CLUABRIDGE_H

#include <stddef.h>
#include <stdint.h>

typedef struct mw_isolate mw_isolate;

/* The memory that several isolates of one script, and the host for it, hold together: see account.c. */
typedef struct mw_account mw_account;

/* Index of a run's coroutine within its isolate; 0 is none. */
typedef uint32_t mw_coroutine;

/* A Lua function that the host can call; 0 is none. */
typedef int32_t mw_callback;

typedef struct {
  const uint8_t *start;
  size_t count;
} mw_bytes;

/* The result of a host function. */
typedef enum {
  MW_REPLY_RETURN = 0, /* the message set with mw_reply holds the results */
  MW_REPLY_RAISE = 1,  /* the message set with mw_reply is the text of the error */
  MW_REPLY_PARK = 2,   /* the coroutine waits; needs MW_MAY_PARK */
  MW_REPLY_END = 3,    /* ends the run with the interrupt: an error that the script cannot catch */
  MW_REPLY_TRUE = 4,   /* the only result is true */
} mw_reply_status;

typedef enum {
  MW_ACCEPTS_CALLBACKS = 1, /* functions among the arguments become callbacks; released if the call does not return */
  MW_MAY_PARK = 2,          /* raises, without calling the host, where the script cannot wait */
  MW_TIMED_WAIT = 4,        /* a run only waits, for the duration in its argument, without a call of the host; needs MW_MAY_PARK */
  MW_UNOBSERVED = 8,        /* changes nothing in the host that concerns the run, unless it calls mw_mark_observed */
  MW_LARGE_ARGUMENTS = 16,  /* the arguments may have more bytes than config.message_bytes: up to a GiB */
} mw_function_flags;

typedef mw_reply_status (*mw_host_call)(void *host, uint32_t function, mw_coroutine coroutine, const uint8_t *arguments,
                                        size_t count);

/* Whether to cancel a run, named by the job_key and the id of its mw_run. mw_request_preemption calls
 * it, on the watchdog's thread, while the run's own thread is in Lua. It must return at once and must not wait for the
 * run. */
typedef int (*mw_cancellation_check)(void *host, uint32_t job_key, uint64_t run);

/* Receives the callbacks of calls that the bridge answered itself: see mw_expect_bulk_registration. */
typedef void (*mw_bulk_registration_call)(void *host, const int32_t *callbacks, size_t count);

typedef struct {
  size_t memory;          /* hard cap of the Lua heap, in bytes */
  size_t message_bytes;   /* largest message that may leave the script */
  uint32_t message_depth; /* deepest nesting of tables in a message */
  uint32_t coroutines;    /* most runs that may be started and not ended */
  int simulated;          /* counts work instead of time; scripts behave alike on every machine: see simulated.c */
  int64_t stall_in_c;     /* processor time, in ns, that a run may spend in one C function after its slice is over */
  int64_t stall_in_lua;   /* the same limit where that C function calls Lua, such as a comparator of table.sort */
  mw_host_call call;
  mw_cancellation_check is_cancelled; /* NULL: runs are never cancelled */
  mw_bulk_registration_call register_bulk;
  void *host;          /* passed to these functions */
  mw_account *account; /* which the isolate's memory counts for; it outlives the isolate. NULL is none */
} mw_config;

/* Why a run was interrupted or evicted. */
typedef enum {
  MW_ENDED_BY_LIMITS = 0,       /* by the limits of its turn, or by the host */
  MW_ENDED_BY_CANCELLATION = 1, /* mw_config.is_cancelled returned true */
  MW_STUCK_IN_C = 2,            /* mw_config.stall_in_c was reached */
  MW_STUCK_IN_LUA = 3,          /* mw_config.stall_in_lua was reached */
  MW_OUT_OF_REAL_TIME = 4,      /* in a simulated isolate: its turns took a minute, or mw_batch.real_end has come */
} mw_end_cause;

typedef enum {
  MW_FINISHED = 0,    /* payload: the first result as one value; empty for nil */
  MW_CANCELLED = 1,   /* the callback ended with `return cancel` */
  MW_PARKED = 2,      /* waits for MW_RESUME, MW_RAISE or MW_INTERRUPT; for a duration if `length` is not 0 */
  MW_FAILED = 3,      /* payload: the error's text; data: the table that was raised; traceback: where it was raised */
  MW_REFUSED = 4,     /* not started: too many coroutines, or no memory for one; payload: which */
  MW_PREEMPTED = 5,   /* its slice is over: MW_RESUME continues it at the next instruction */
  MW_INTERRUPTED = 6, /* ended by the interrupt; traceback: where it was raised */
  MW_EVICTED = 7,     /* the thread jumped out of Lua; the isolate is dead and can only be destroyed; payload: why */
  MW_DECLINED = 8,    /* its `when` function did not return true */
  MW_NONE = 9,        /* no run to report */
} mw_outcome_kind;

typedef struct {
  mw_outcome_kind kind;
  mw_coroutine coroutine;
  mw_bytes payload;
  mw_bytes traceback;
  mw_bytes data;      /* with MW_FAILED: the table that was raised, as one value; empty if none, or not copyable */
  mw_bytes state;     /* with MW_FINISHED and MW_CANCELLED: run.state as one value; empty if the run had none */
  int64_t length;     /* with MW_PARKED: of the wait for a duration; 0 for another wait */
  mw_end_cause cause; /* of the interrupt or the eviction, if there was one */
  int lacks_message;  /* with MW_FAILED: the raised table has no message, and the payload only says so */
} mw_outcome;

/* What a turn does. */
typedef enum {
  MW_START = 0,     /* starts a callback with a run */
  MW_CALL = 1,      /* starts a callback without a run; the values of the message are its arguments */
  MW_RESUME = 2,    /* continues a preempted run, or one that waits: its host function returns the values of the message */
  MW_RAISE = 3,     /* continues a run that waits: its host function raises the message as the text of an error */
  MW_INTERRUPT = 4, /* continues a run that waits or was preempted with the interrupt */
} mw_turn_kind;

/* Values in the message of a start, in this order. */
typedef enum {
  MW_PAYLOAD_ARGUMENTS = 1, /* run.args */
  MW_PAYLOAD_EVENT = 2,     /* three values: name, source and payload of run.event, also the first argument */
  MW_PAYLOAD_EVENTS = 4,    /* a list of events: run.event, also the first argument */
  MW_PAYLOAD_STATE = 8,     /* run.state */
  MW_PAYLOAD_VALUE = 16,    /* a hook's argument after the run; run.state is then not read back */
} mw_payload_flags;

/* The fields of a callback's `run`. Times are nanoseconds since the epoch. */
typedef struct {
  uint64_t id;
  uint64_t job; /* the handle */
  int64_t number;
  int64_t scheduled_at;
  int64_t fired_at; /* set by the bridge */
  int32_t attempt;
  uint32_t payload_flags;
  uint32_t job_key; /* for mw_config.is_cancelled */
  mw_callback when; /* called first, with the run; the run goes on only if it returns true; 0 is none */
} mw_run;

typedef struct {
  mw_turn_kind kind;
  mw_coroutine coroutine; /* of the run that continues */
  mw_callback callback;   /* of a start or a call */
  uint32_t message_count;
  size_t message; /* where its message begins in mw_batch.messages */
  /* When the run is interrupted and evicted: nanoseconds from the beginning of a start or a call, and for a run that
   * continues from that of the batch. In a simulated isolate, VM instructions from the beginning of the turn: see
   * mw_batch.work. */
  int64_t soft, evict;
  mw_run run; /* of a start */
} mw_turn;

/* How a turn went. */
typedef struct {
  int64_t used;       /* nanoseconds; in a simulated isolate, VM instructions */
  size_t peak;        /* the most bytes of the Lua heap in use */
  mw_coroutine waits; /* the run waits for a duration; 0 if it has ended */
  int64_t length;     /* of that wait, in nanoseconds from the end of the turn */
} mw_turn_end;

/* Turns of runs, one after the other, and what they share. */
typedef struct {
  const mw_turn *turns;
  size_t count;
  const uint8_t *messages;
  mw_turn_end *ends; /* has room for `count` elements */
  int64_t now;       /* CLOCK_MONOTONIC */
  int64_t slice_end; /* CLOCK_MONOTONIC: no turn begins later, and the current one is preempted */
  int64_t wall;      /* nanoseconds since the epoch */
  int64_t pace;      /* how many nanoseconds the host's clocks advance in a nanosecond of CLOCK_MONOTONIC: 1 or 0 */
  int64_t work;      /* the slice of each turn of a simulated isolate, in VM instructions */
  int64_t real_end;  /* CLOCK_MONOTONIC: the runs of a simulated isolate are interrupted, and evicted soon after */
} mw_batch;

typedef struct mw_worker mw_worker;

/* Installs the handlers of the preemption signal (one number for the whole process) and of faults in guard pages.
 * Returns 0, or an errno: EBUSY if an earlier call named another signal, EINVAL if a thread cannot handle that signal and
 * go on, ENOTSUP if libc is linked into the executable. */
int mw_runtime_start(int signal);

/* Attaches the calling thread, so that its turns can be preempted; NULL without memory. Detach it on the same thread.
 * Free it when no thread can call mw_request_preemption for it any more. */
mw_worker *mw_worker_attach(void);
void mw_worker_detach(mw_worker *worker);
void mw_worker_free(mw_worker *worker);

/* Asks for the end of the turn on that worker if it is past one of its limits, is cancelled, or does not yield. Any
 * thread may call it, one at a time, and must repeat it until the turn has ended. Returns whether it sent a signal. */
int mw_request_preemption(mw_worker *worker, int64_t now);

/* VM instructions that a simulated isolate has executed, rounded to 1,000; 64 bytes of a long string count as one. */
int64_t mw_work_done(const mw_isolate *isolate);

/* The n of the Lua 5.4.n that is linked; -1 if it is another version. */
int mw_lua_release(void);

/* Writes a list of the known memory faults of the linked Lua that a script's text can trigger, cut to the space; empty
 * if none is known. Takes some microseconds. */
void mw_lua_faults(char *text, size_t space);

/* Bytes that all isolates hold, and that the host keeps for scripts, which only accounts that are made after the cap
 * count; and the cap on both: 0 is no cap. At the cap scripts get "not enough memory". */
size_t mw_memory_reserved(void);
size_t mw_memory_kept(void);
void mw_set_memory_cap(size_t bytes);

/* Any thread may use an account. What is kept of the account `above`, which may be NULL, counts for this one too. */
mw_account *mw_account_create(mw_account *above, size_t cap);
void mw_account_free(mw_account *account);
void mw_account_set_cap(mw_account *account, size_t cap);
size_t mw_account_cap(const mw_account *account);
/* Bytes that its isolates have taken from the system, and that the host keeps. */
size_t mw_account_states(const mw_account *account);
size_t mw_account_kept(const mw_account *account);
/* Whether the host may keep so many more bytes beside a Lua heap of which `used` bytes are in use, and leave an eighth of
 * the cap free. */
int mw_account_has_room(const mw_account *account, size_t bytes, size_t used);
void mw_account_keep(mw_account *account, size_t bytes);
void mw_account_let_go(mw_account *account, size_t bytes);

mw_isolate *mw_isolate_create(const mw_config *config);
void mw_isolate_destroy(mw_isolate *isolate);

/* Makes a host function visible: "name" or "table.name" as a global, "host.name" to the prelude only. `arguments` holds
 * the arguments' names for error messages, separated by commas. Returns 0, or -1 without memory. */
int mw_register(mw_isolate *isolate, const char *name, const char *arguments, uint32_t function, uint32_t flags);

/* Runs a prelude: a trusted chunk that gets the table of the "host." functions. Returns 0, or -1 with the error's text
 * as payload. */
int mw_prelude(mw_isolate *isolate, const char *name, const uint8_t *text, size_t count, mw_outcome *outcome);

/* Compiles text (never bytecode) into a callback. On attached threads `cpu` limits its processor time, in nanoseconds.
 * Returns 0, or -1 with the error's text as payload; the outcome is MW_EVICTED if it took too long. */
int mw_compile(mw_isolate *isolate, const char *name, const uint8_t *text, size_t count, int64_t cpu,
               mw_callback *callback, mw_outcome *outcome);

/* The keys of the globals, or with a name those of the table in that global, that are strings of up to 100 bytes: each
 * with a newline after it, in no order. Only while no script runs; reads nothing but tables, and calls no script. Empty
 * if there is no such table, no memory, or more than 1 MiB of keys. */
mw_bytes mw_keys(mw_isolate *isolate, const char *table);

/* The error that reading a global raises, or with a name that of reading this field of the table in that global. Empty
 * if it raises none. Calls the __index of the table. */
mw_bytes mw_error_of_reading(mw_isolate *isolate, const char *table, const char *key);

/* Gives runs their turns in order. This is the only way to a script's code. Returns how many runs have ended silently
 * (no result, nothing observed, no changed state) or wait for a duration: these are in batch->ends. It stops at the
 * first run that does anything else, whose outcome this is and whose `used` and `peak` are in the next element, or when
 * the slice is over; the outcome then is MW_NONE.
 *
 * An isolate without an attached thread ignores slice_end and the limits. A simulated one does, too, but a run is evicted
 * if one C function takes 5 s of real time, and interrupted if all its turns take a minute. */
size_t mw_run_batch(mw_isolate *isolate, const mw_batch *batch, mw_outcome *outcome);

/* Which turn of the batch is under way, and the nanoseconds of CLOCK_MONOTONIC that those before it took (0 in a
 * simulated isolate). Only host functions may call these. */
size_t mw_batch_position(const mw_isolate *isolate);
int64_t mw_batch_passed(const mw_isolate *isolate);

/* A host function with MW_UNOBSERVED calls this when its call does concern the run, so that the run ends the batch. */
void mw_mark_observed(mw_isolate *isolate);

/* Whether the interrupt was raised in a run that has not ended. */
int mw_was_interrupted(const mw_isolate *isolate, mw_coroutine coroutine);

/* The traceback of a parked or preempted run: where it is, or where the interrupt was raised. Describing a script's
 * values can take long or overflow the stack; the isolate is then dead (mw_is_dead). */
mw_bytes mw_traceback_of(mw_isolate *isolate, mw_coroutine coroutine);

/* Whether the isolate can only be destroyed. */
int mw_is_dead(const mw_isolate *isolate);

/* Forgets a parked or preempted run: none of its code runs again. */
void mw_drop(mw_isolate *isolate, mw_coroutine coroutine);

void mw_release(mw_isolate *isolate, mw_callback callback);

/* Copies the message that the returned status refers to. Only host functions may call it. */
void mw_reply(mw_isolate *isolate, const uint8_t *message, size_t count);

/* Lets the bridge answer up to `most` further calls itself, if they come from the same line with the same two texts and
 * another function. Each returns the next handle, from `first` on. Before the host's next function is called,
 * config.register_bulk gets the callbacks. Only a host function that takes two texts and a function and returns a
 * handle may call it. */
void mw_expect_bulk_registration(mw_isolate *isolate, uint64_t first, uint32_t most);

/* Calls config.register_bulk now if calls were answered, and expects no more. Must not be called while Lua runs. */
void mw_flush_bulk_registration(mw_isolate *isolate);

/* Writes the position where the script called the current host function, as "script:line", cut to the space. Returns
 * the line, or 0 if unknown. Only host functions may call it. */
int mw_caller(mw_isolate *isolate, char *text, size_t space);

/* Bytes of the Lua heap in use, and their maximum during the last turn. */
size_t mw_memory_used(const mw_isolate *isolate);
size_t mw_memory_peak(const mw_isolate *isolate);

/* Frees what the script cannot reach any more, unless the last call was so recent that it would hardly free more. Only
 * host functions may call it, or the owner between two turns. */
void mw_collect(mw_isolate *isolate);

/* Changes the hard cap of the Lua heap. Memory held beyond it stays; new memory is refused. */
void mw_set_memory(mw_isolate *isolate, size_t bytes);

/* Writes the run's id as 13 characters (Crockford's base 32, sortable) and a NUL. */
void mw_format_id(uint64_t id, char text[14]);

/* SHA-256 of the bytes, in 32 bytes. */
void mw_sha256(const void *bytes, size_t count, uint8_t *result);

#endif
