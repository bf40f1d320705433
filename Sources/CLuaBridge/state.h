/* The state of an isolate, which all files of the bridge share. It calls none of them.
 *
 * Every other file has a header of its own if others call it, so an #include shows a dependency. A file includes only
 * headers of the lines above its own:
 *
 *     state.h  clock               the state of an isolate; the time
 *     worker.h  account            the state of a thread, shared with the watchdog; the memory of a script
 *     buffer  heap  duration  linked_lua  coroutine_pool  counted_functions
 *     traceback  callbacks  texts  where a script is; its functions that the host can call; tostring
 *     preempt  objects  marks      hook and interrupt; run objects and handles; null and the marks of tables
 *     signals  codec               how a request reaches a thread; values as bytes
 *     watchdog  guard              what is requested, and when; the only way to a script's code
 *     coroutines  simulated  bulk_registration  run_end
 *     long_calls  powers_of_ten    C functions that take long; numbers
 *     pieces  json_numbers  json_text  random  options
 *     json_path  key_order
 *     json_errors  json_strings  json_output  json_objects
 *     json_decode  json_encode  digest  base64
 *     json  hash                   the libraries
 *     sandbox  host_call  run      globals; calls of the host; runs
 *     batch  globals  isolate
 *
 * Functions marked "raises" may raise a Lua error, so they may only be called under lua_pcall or lua_resume. A comment
 * "stack: a, b" lists the values that a function expects; "stack: +a" those that it pushes. */
#ifndef MOONWHEEL_BRIDGE_STATE_H
#define MOONWHEEL_BRIDGE_STATE_H

#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>

#include "include/CLuaBridge.h"

/* A growing byte buffer outside the Lua heap, so that an error raised while it is filled leaks nothing. See
 * buffer.h. */
typedef struct {
  uint8_t *start;
  size_t count, capacity;
} mw_buffer;

/* A run's coroutine. Later runs use it again. */
typedef struct {
  lua_State *state;
  int reference; /* in the registry */
  mw_callback callback;
  uint32_t next_free;
  bool busy, preempted;
  bool interrupted; /* the interrupt was raised: calls that were entered before must not catch errors */
  int cause;        /* an mw_end_cause, of the interrupt */
  uint32_t job_key; /* for mw_config.is_cancelled, with the run */
  uint64_t run;
  int64_t real_time;   /* of its turns so far, in nanoseconds; in simulated isolates */
  mw_buffer traceback; /* where the interrupt was raised */
} mw_slot;

/* One state in the chain from the run's own coroutine to the innermost one that runs. Lives on the C stack. */
typedef struct mw_link {
  struct mw_link *outer;
  lua_State *state;
} mw_link;

struct mw_span;
enum { MW_SIZE_CLASSES = 32, MW_SIZE_STEP = 16, MW_SPAN_ALIGNMENT = 16384 };

/* What the size classes of one heap may leave unused in their spans. */
enum { MW_UNUSED_IN_SPANS = MW_SIZE_CLASSES * MW_SPAN_ALIGNMENT };

/* The memory of one isolate: see heap.c. */
typedef struct {
  size_t used, cap;
  size_t peak;         /* maximum of `used` during the turn */
  size_t reserved;     /* taken from malloc */
  size_t collected;    /* `used` after the last mw_collect; 0 if there was none */
  mw_account *account; /* which `reserved` counts for; NULL is none */
  struct mw_span *partial[MW_SIZE_CLASSES]; /* spans with room, by size class */
  struct mw_span *spans;                    /* all spans */
  struct mw_large *large;                   /* all larger blocks */
  struct mw_span *spare; /* one empty span, so that a block that comes and goes does not cost a malloc each time */
  /* Called when memory is refused, in the middle of an operation of Lua. `is_new`: no block was to grow. */
  void (*on_refusal)(mw_isolate *isolate, bool is_new);
} mw_heap;

/* Work that a simulated isolate has done, and the limits of its turn, in VM instructions. See simulated.c. */
typedef struct {
  int64_t done, slice, soft, hard;
  int64_t begun; /* `done` when the current turn began */
  int64_t real_begun, real_end; /* of the turn: CLOCK_MONOTONIC when it began, and when its run must end */
} mw_work;

/* Deadlines of a turn, on CLOCK_MONOTONIC in nanoseconds; INT64_MAX is never. Only attached threads obey them. */
typedef struct {
  int64_t slice_end; /* the turn is preempted */
  int64_t soft_at;   /* the run is interrupted, once */
  int64_t evict_at;  /* the run is evicted */
} mw_limits;

/* A short text argument of a call, to compare the next call with. */
typedef struct {
  size_t count;
  char start[40];
} mw_bulk_text;

/* Calls that differ from an earlier one in their function alone: see bulk_registration.c. */
typedef struct {
  uint32_t left;     /* how many more calls may be answered */
  uint32_t function; /* the host function that expects them */
  uint64_t next;     /* the next handle */
  mw_bulk_text texts[2];
  const void *ours, *caller; /* the prelude's function that made the call, and the script's function that called it */
  int line;                  /* of the call in the latter */
  mw_buffer callbacks;       /* of the calls that were answered */
} mw_bulk_registration;

enum { MW_CIPHER_ROUNDS = 27 };

/* What luaL_unref and lua_rawgeti push, with room to spare. */
enum { MW_FREE_SLOTS = 8 };

struct mw_isolate {
  /* For protected calls of the host; scripts run in coroutines. While they do, references are released through it
   * (luaL_unref), outside of any protected call: MW_FREE_SLOTS of its stack are kept for that. */
  lua_State *main;
  mw_config config;
  mw_heap heap;

  /* Preemption: see preempt.c. */
  volatile sig_atomic_t critical; /* > 0 while host code, malloc or libc is on the stack */
  /* Called at the end of the critical section, unless NULL. The signal handler sets it, on the isolate's own
   * thread; loads and stores of a pointer are single instructions on the supported machines. */
  void (*volatile deferred_request)(mw_isolate *isolate);
  unsigned armed_requests; /* requests in a row that found the hook armed */

  mw_slot *slots; /* slots[0] is not used */
  uint32_t slot_count, slot_capacity, first_free, busy_slots;

  /* The current turn. */
  lua_State *current; /* innermost running state */
  mw_worker *worker;  /* the thread, if it is attached */
  mw_limits limits;
  mw_link *chain; /* of running states, innermost first; NULL outside a run */
  mw_coroutine running;
  bool preempted;         /* the hook made the current yield */
  bool raises_interrupt;  /* the run continues with the interrupt */
  bool dead;              /* evicted */
  mw_end_cause end_cause; /* of the eviction */
  bool host_yield;        /* the host made the current yield, not the script */
  uintptr_t stack_base;   /* near the beginning of the turn on the C stack, which grows down */
  struct {
    int64_t in_c, in_lua; /* as stall_in_c and stall_in_lua of mw_config */
  } stall;

  /* The current batch. */
  const mw_batch *batch;
  const mw_turn *turn; /* the current one */
  size_t position;     /* of the current turn */
  int64_t passed;      /* nanoseconds of the batch before the current turn */
  int64_t wait_length; /* of the wait for a duration in which the current run parks; 0 is none */
  mw_bulk_registration bulk;
  uint8_t *arities; /* by callback: see callbacks.h */
  uint32_t arity_count;
  bool is_observed;  /* the current run has made a call that the host keeps track of, so its end is reported by itself */
  const uint8_t *message; /* of the turn */
  size_t message_count;
  bool raise; /* the message is the text of an error */

  size_t buffered; /* capacity of all buffers of the isolate, which counts for the account as well */
  size_t argument_bytes; /* the most that the arguments of the current host call may have */
  mw_buffer arguments, reply, result, traceback, scratch, data, state;
  mw_buffer pending_callbacks; /* arguments of the current host call; released if it does not return */
  bool failed, cancelled, declined, lacks_message; /* the run that has just ended */
  bool overflowed; /* the last refusal of memory was due to endless recursion */
  char overflow_position[LUA_IDSIZE + 16];
  unsigned refusal_tracebacks; /* taken in this turn at refusals of memory */

  /* Simulated isolates: see simulated.c. */
  mw_work work;
  uint64_t created; /* tables, functions and coroutines so far */
  uint64_t (*number_of)(lua_State *L, int index); /* of an object; raises; NULL in other isolates */

  int run_metatable, job_metatable, host_table; /* references in the registry */
  void *cancel; /* identity of the word `cancel` */
  void *null;   /* identity of json.null */
  const void *array_mark, *object_mark; /* identities of the metatables that mark tables: see marks.c */
  int null_reference, array_metatable, object_metatable; /* references in the registry */

  uint64_t random;        /* state of the random numbers of a simulated isolate: see random.c */
  uint64_t last_uuid_time; /* of hash.uuid(7), in milliseconds, and the count in it */
  uint32_t last_uuid_count;
  uint32_t address_key[MW_CIPHER_ROUNDS]; /* encrypts addresses: see texts.c */
};

/* Flags and the isolate live in the extra space of each state: new threads inherit the main state's copy. */
enum { MW_STATE_PARKED = 1, MW_STATE_EXPOSED = 2, MW_STATE_FLAGS = 7 };

static inline uintptr_t *mw_extra(lua_State *L) { return (uintptr_t *)lua_getextraspace(L); }
static inline mw_isolate *mw_of(lua_State *L) { return (mw_isolate *)(*mw_extra(L) & ~(uintptr_t)MW_STATE_FLAGS); }
static inline bool mw_flag(lua_State *L, uintptr_t flag) { return (*mw_extra(L) & flag) != 0; }
static inline void mw_set_flag(lua_State *L, uintptr_t flag) { *mw_extra(L) |= flag; }
static inline void mw_clear_flag(lua_State *L, uintptr_t flag) { *mw_extra(L) &= ~flag; }

/* Critical sections, in which the thread must not jump out of Lua. The fences keep the compiler from moving work across
 * the borders. */
static inline void mw_enter_critical(mw_isolate *isolate) {
  isolate->critical++;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}
static inline void mw_leave_critical(mw_isolate *isolate) {
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  int left = isolate->critical - 1;
  isolate->critical = left;
  void (*deferred)(mw_isolate *) = isolate->deferred_request;
  if (__builtin_expect(deferred != NULL, 0) && left == 0) deferred(isolate);
}

static inline bool mw_is_interrupted(const mw_isolate *isolate) {
  return isolate->running && isolate->slots[isolate->running].interrupted;
}

/* Whether the current run, if there is one, can yield to the host: no C function on its stacks prevents it. */
static inline bool mw_can_wait(const mw_isolate *isolate) {
  if (!isolate->running) return false;
  for (const mw_link *link = isolate->chain; link; link = link->outer)
    if (!lua_isyieldable(link->state)) return false;
  return true;
}

#endif
