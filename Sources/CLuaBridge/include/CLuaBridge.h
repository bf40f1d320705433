/* The narrow waist between Swift and Lua.
 *
 * Every function here is total: it returns to its caller, whatever the script does. Work inside happens under
 * lua_pcall or lua_resume, arguments and results cross as flat messages (see codec.c), and a host function returns a
 * status from which C raises or yields after the Swift frames are gone. So no longjmp ever crosses a Swift frame.
 *
 * An isolate is used by one thread at a time; which one, its owner decides. Byte ranges that a call hands out are
 * valid until the next call on the same isolate. */
#ifndef MOONWHEEL_CLUABRIDGE_H
#define MOONWHEEL_CLUABRIDGE_H

#include <stddef.h>
#include <stdint.h>

typedef struct mw_isolate mw_isolate;

/* A run's coroutine within its isolate; 0 is none. */
typedef uint32_t mw_coroutine;

/* A Lua function that the host can call; 0 is none. */
typedef int32_t mw_callback;

typedef struct {
  const uint8_t *start;
  size_t count;
} mw_bytes;

/* What a host function answers. */
typedef enum {
  MW_REPLY_RETURN = 0, /* the message set with mw_reply holds the results */
  MW_REPLY_RAISE = 1,  /* the message set with mw_reply is the text of the error */
  MW_REPLY_PARK = 2,   /* the coroutine waits for mw_resume; needs MW_MAY_PARK */
  MW_REPLY_END = 3,    /* the run ends here: an error that it cannot catch, as the interrupt */
  MW_REPLY_TRUE = 4,   /* the result is true */
} mw_reply_status;

typedef enum {
  MW_ACCEPTS_CALLBACKS = 1, /* functions among the arguments become callbacks, released again if the call raises */
  MW_MAY_PARK = 2,          /* refused, before the host is called, where the script cannot wait */
  MW_NAPS = 4,              /* parks for the length of time that is its argument: see mw_nap; needs MW_MAY_PARK */
  MW_TRACELESS = 8,         /* leaves nothing to be told of the run that calls it, unless mw_note_call says so */
} mw_function_flags;

typedef mw_reply_status (*mw_host_call)(void *host, uint32_t function, mw_coroutine coroutine, const uint8_t *arguments,
                                        size_t count);

/* Whether a run under way is to end, by what mw_run or mw_plain says of it. Called on the thread of mw_worker_press, while the
 * run's own thread is in Lua: to answer at once, and not to wait for that. */
typedef int (*mw_cancellation_check)(void *host, uint32_t job_key, uint64_t run);

/* Callbacks of calls that were not made: see mw_expect_repeats. */
typedef void (*mw_repeats_told)(void *host, const int32_t *callbacks, size_t count);

typedef struct {
  size_t memory;        /* hard cap of the Lua heap, in bytes */
  size_t message_bytes; /* largest message that leaves the script */
  uint32_t message_depth; /* deepest nesting of tables in it */
  uint32_t coroutines;  /* most runs that may be under way at once */
  int simulated;        /* work is counted, and what a script sees is the same on every machine */
  int64_t stall_in_c; /* processor time, in ns, that a run may be in C and not yield when its slice is over */
  int64_t stall;      /* the same where Lua runs inside of C */
  mw_host_call call;
  mw_cancellation_check is_cancelled; /* NULL is never */
  mw_repeats_told tell_repeats;
  void *host;
} mw_config;

/* Why a run was interrupted or torn out. */
typedef enum {
  MW_ENDED_BY_LIMITS = 0,       /* those of mw_limits, or by the host */
  MW_ENDED_BY_CANCELLATION = 1, /* mw_config.is_cancelled said so */
  MW_STUCK_IN_C = 2,            /* mw_config.stall_in_c */
  MW_STUCK_IN_LUA = 3,          /* mw_config.stall */
} mw_end_cause;

typedef enum {
  MW_FINISHED = 0, /* payload: the first result, as one value, empty for nil */
  MW_CANCELLED = 1, /* finished with `return cancel` */
  MW_PARKED = 2,   /* waits for mw_resume */
  MW_FAILED = 3,   /* payload: the error's text; data: a table that was raised; traceback: where it was raised */
  MW_REFUSED = 4,  /* not started: too many coroutines, or no memory for one */
  MW_PREEMPTED = 5, /* its slice is over: mw_continue goes on exactly there */
  MW_INTERRUPTED = 6, /* ended by the interrupt; traceback: where it was */
  MW_EVICTED = 7,  /* torn out of Lua: the isolate is dead, and only to be destroyed; payload: why */
  MW_DECLINED = 8, /* its `when` said no */
  MW_NONE = 9,     /* there is no run to tell of */
} mw_outcome_kind;

typedef struct {
  mw_outcome_kind kind;
  mw_coroutine coroutine;
  mw_bytes payload;
  mw_bytes traceback;
  mw_bytes data;  /* with MW_FAILED: the table that was raised, as one value; empty if none, or it cannot be copied */
  mw_bytes state; /* with MW_FINISHED and MW_CANCELLED: run.state as one value; empty if the run had none */
  mw_end_cause cause; /* of the interrupt or the eviction, if there was one */
  int untitled;   /* with MW_FAILED: the table that was raised has no message; the payload only says so */
} mw_outcome;

/* What the message of a run brings, in this order. */
typedef enum {
  MW_BRINGS_ARGUMENTS = 1, /* run.args */
  MW_BRINGS_EVENT = 2,     /* run.event; passed before the run */
  MW_BRINGS_STATE = 4,     /* run.state */
  MW_BRINGS_VALUE = 8,     /* what a hook is passed after the run; its run.state is not read back */
} mw_brings;

/* What a callback sees as its `run`. Times are seconds since the epoch. */
typedef struct {
  uint64_t id;
  uint64_t job; /* the handle */
  int64_t number;
  int64_t attempt;
  double scheduled_at;
  double fired_at;
  uint32_t brings;
  uint32_t job_key; /* for mw_config.is_cancelled */
  mw_callback when; /* called with the run first: unless it answers true, that is all; 0 is none */
} mw_run;

/* What a handler is passed: an event that a script emitted. The payload is one value. */
typedef struct {
  mw_bytes name, source, payload;
} mw_event;

/* A run that brings nothing but maybe an event: no arguments, no state, no `when`, the first attempt. */
typedef struct {
  uint64_t id;
  uint64_t job; /* the handle */
  int64_t number;
  int64_t scheduled_at; /* nanoseconds since the epoch */
  int64_t soft, evict;  /* limits as in mw_limits, in nanoseconds from the start of the run */
  const mw_event *event; /* NULL for most */
  mw_callback callback;
  uint32_t job_key; /* for mw_config.is_cancelled */
} mw_plain;

/* A run of a batch that parked for a length of time, as a function with MW_NAPS says, without a call of the host: by its
 * place in the batch, the length in nanoseconds from its end there. */
typedef struct {
  uint32_t position;
  mw_coroutine coroutine;
  int64_t length;
} mw_nap;

/* A parked run that is to go on. Limits as in mw_limits. */
typedef struct {
  mw_coroutine coroutine;
  int64_t soft_at, evict_at;
} mw_wake;

/* When a turn is to end, on CLOCK_MONOTONIC in nanoseconds: INT64_MAX is never. Obeyed on attached threads only. */
typedef struct {
  int64_t slice_end; /* preempted */
  int64_t soft_at;   /* interrupted: an error, once */
  int64_t evict_at;  /* torn out */
} mw_limits;

typedef struct mw_worker mw_worker;

/* Takes the signal that presses workers (the same for the whole process), and looks after faults in their guard pages.
 * 0, or an errno: EBUSY when another signal was taken before, ENOTSUP when libc is linked into the executable. */
int mw_runtime_start(int signal);

/* Makes the calling thread one whose turns can be ended; NULL without memory. To be detached on the same thread, and
 * freed when nobody presses it any more. */
mw_worker *mw_worker_attach(void);
void mw_worker_detach(mw_worker *worker);
void mw_worker_free(mw_worker *worker);

/* From any thread, one at a time: ends the turn on that worker if it is past one of its limits, is cancelled, or does not
 * yield. To be repeated until the turn has ended. Answers whether the thread was signalled. */
int mw_worker_press(mw_worker *worker, int64_t now);

/* For the next turns of this isolate. */
void mw_set_limits(mw_isolate *isolate, const mw_limits *limits);

/* For the next turn of a simulated isolate, in VM instructions from now: after `slice` it is preempted, after `soft`
 * interrupted, and so it is after `most` where it cannot be preempted. INT64_MAX is never. A function of C that takes
 * 5 s of real time is torn out, as by mw_limits, which a simulated isolate does not obey otherwise. */
void mw_set_work(mw_isolate *isolate, int64_t slice, int64_t soft, int64_t most);

/* VM instructions that a simulated isolate has done, to the next thousand; the bytes of long strings count as one for 64. */
int64_t mw_work_done(const mw_isolate *isolate);

/* The n of the Lua 5.4.n that is linked; -1 if it is another. */
int mw_lua_release(void);

/* Writes into text, cut to the space, which memory faults the Lua that is linked is known to have that the text of a script can
 * reach; empty if none. Takes some microseconds. */
void mw_lua_faults(char *text, size_t space);

/* Bytes that all isolates hold, and the most that they may: 0 is no cap. At the cap scripts get "not enough memory". */
size_t mw_memory_reserved(void);
void mw_set_memory_cap(size_t bytes);

mw_isolate *mw_isolate_create(const mw_config *config);
void mw_isolate_destroy(mw_isolate *isolate);

/* Makes a host function visible: "name" or "table.name" as a global, "host.name" to the prelude only.
 * `arguments` names the arguments for messages, separated by commas. 0, or -1 without memory. */
int mw_register(mw_isolate *isolate, const char *name, const char *arguments, uint32_t function, uint32_t flags);

/* Runs the prelude: a chunk of ours, given the table of the "host." functions. 0, or -1 with the text as payload. */
int mw_prelude(mw_isolate *isolate, const char *name, const uint8_t *text, size_t count, mw_outcome *outcome);

/* Compiles text (never bytecode) into a callback, within so much processor time in nanoseconds (on attached threads). 0, or -1
 * with the text of the error as payload, or with MW_EVICTED. */
int mw_compile(mw_isolate *isolate, const char *name, const uint8_t *text, size_t count, int64_t cpu,
               mw_callback *callback, mw_outcome *outcome);

/* Starts a run of a callback; `message` has what run->brings says. Without a run, the values are the arguments. */
void mw_start(mw_isolate *isolate, mw_callback callback, const mw_run *run, const uint8_t *message, size_t count,
              mw_outcome *outcome);

/* Starts runs in their order, each as by mw_start with its own limits, up to the first that does more than to end with
 * nothing to tell, or to park as a nap, and until the slice is over. Answers how many did one of these; when is in `ends`, on
 * CLOCK_MONOTONIC, negative for a nap, and each begins when the one before it has ended. The outcome is that of the run after
 * them, MW_NONE where that was not begun. `wall_offset` is added to CLOCK_MONOTONIC to get wall time. In `peaks` is the most
 * that each held, as by mw_memory_peak. There is room for `count` ends, naps and peaks; without naps, NULL, no run parks as
 * one. */
size_t mw_start_batch(mw_isolate *isolate, const mw_plain *runs, size_t count, int64_t now, int64_t slice_end,
                      int64_t wall_offset, int64_t *ends, mw_nap *naps, size_t *peaks, mw_outcome *outcome);

/* The same for naps that are over: each goes on as by mw_resume. */
size_t mw_wake_batch(mw_isolate *isolate, const mw_wake *wakes, size_t count, int64_t now, int64_t slice_end,
                     int64_t *ends, mw_nap *naps, size_t *peaks, mw_outcome *outcome);

/* The function that is being answered does leave something to be told. */
void mw_note_call(mw_isolate *isolate);

/* How many runs of the batch that has ended parked as naps. */
size_t mw_batch_naps(const mw_isolate *isolate);

/* Of the run of a batch that is under way, or that ended the batch: its place, and when it began. */
size_t mw_batch_position(const mw_isolate *isolate);
int64_t mw_batch_began(const mw_isolate *isolate);

/* Continues a parked run: the host function that parked it returns the values of the message, or raises its text. */
void mw_resume(mw_isolate *isolate, mw_coroutine coroutine, int raise, const uint8_t *message, size_t count,
               mw_outcome *outcome);

/* Continues a preempted run. */
void mw_continue(mw_isolate *isolate, mw_coroutine coroutine, mw_outcome *outcome);

/* Continues a parked or preempted run with the interrupt. */
void mw_interrupt(mw_isolate *isolate, mw_coroutine coroutine, mw_outcome *outcome);

/* Whether the interrupt was raised in a run under way. */
int mw_was_interrupted(const mw_isolate *isolate, mw_coroutine coroutine);

/* Where a parked or preempted run is: its traceback, or where it was when the interrupt was raised. What scripts make can take
 * long to describe, or overflow the stack: afterwards the isolate may be dead (mw_is_dead). */
mw_bytes mw_traceback_of(mw_isolate *isolate, mw_coroutine coroutine);

/* Whether the isolate is only to be destroyed. */
int mw_is_dead(const mw_isolate *isolate);

/* Forgets a parked or preempted run: it is never resumed, none of its code runs again. */
void mw_drop(mw_isolate *isolate, mw_coroutine coroutine);

void mw_release(mw_isolate *isolate, mw_callback callback);

/* To be called by a host function only: the message that its status refers to. Copied. */
void mw_reply(mw_isolate *isolate, const uint8_t *message, size_t count);

/* To be called by a host function only, which was given two texts and a function, and answers a handle: calls like the one
 * under way, with another function and from the same line, need not be made. Each of at most so many gets the next handle,
 * from `first` on; config.tell_repeats is called with their callbacks before the next host function is. */
void mw_expect_repeats(mw_isolate *isolate, uint64_t first, uint32_t most);

/* The same at once, and expects no more. Not while Lua runs. */
void mw_tell_repeats(mw_isolate *isolate);

/* To be called by a host function only: where the script called it, as "script:line", cut to the space; and the line,
 * 0 if unknown. */
int mw_caller(mw_isolate *isolate, char *text, size_t space);

/* Bytes of the Lua heap in use, and the most that were during the turn that has ended. */
size_t mw_memory_used(const mw_isolate *isolate);
size_t mw_memory_peak(const mw_isolate *isolate);

/* Another hard cap of the Lua heap. What is held beyond it stays; more is refused. */
void mw_set_memory(mw_isolate *isolate, size_t bytes);

/* The run's id as text of 13 characters (Crockford's base 32, sortable), and a NUL. */
void mw_format_id(uint64_t id, char text[14]);

#endif
