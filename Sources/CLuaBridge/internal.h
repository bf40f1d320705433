/* What the files of the bridge share. Functions marked "raises" may only be called under lua_pcall or lua_resume. */
#ifndef MOONWHEEL_BRIDGE_INTERNAL_H
#define MOONWHEEL_BRIDGE_INTERNAL_H

#include <signal.h>
#include <stdbool.h>
#include <string.h>

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>

#include "include/CLuaBridge.h"

/* A growing byte buffer outside the Lua heap, so that an error raised while it is filled leaks nothing. */
typedef struct {
  uint8_t *start;
  size_t count, capacity;
} mw_buffer;

/* A run's coroutine. Kept and used again by later runs. */
typedef struct {
  lua_State *state;
  int reference; /* in the registry */
  mw_callback callback;
  uint32_t next_free;
  bool busy, preempted;
  bool interrupted; /* the interrupt was raised: what was entered before passes errors on */
  int cause;        /* an mw_end_cause, of the interrupt */
  uint32_t job_key; /* for mw_config.is_cancelled, with the run */
  uint64_t run;
  mw_buffer traceback; /* where the run was when the interrupt was raised */
} mw_slot;

/* One state in the chain from the run's own coroutine to the innermost that runs. Lives on the C stack. */
typedef struct mw_link {
  struct mw_link *outer;
  lua_State *state;
} mw_link;

struct mw_span;
enum { MW_SIZE_CLASSES = 32, MW_SIZE_STEP = 16 };

/* Memory of one isolate: see heap.c. */
typedef struct {
  size_t used, cap;
  size_t peak;     /* of `used`, since it was set back */
  size_t reserved; /* taken from malloc */
  struct mw_span *partial[MW_SIZE_CLASSES]; /* spans with room, by size class */
  struct mw_span *spans;                    /* all spans */
  struct mw_large *large;                   /* all larger blocks */
  struct mw_span *spare;                    /* one empty span, against oscillation */
} mw_heap;

/* What a simulated isolate has done, and when a turn of it ends; in VM instructions. See simulated.c. */
typedef struct {
  int64_t done, slice, soft, most;
} mw_work;

/* The runs of mw_start_batch and mw_wake_batch: which is under way, and since when on CLOCK_MONOTONIC. */
typedef struct {
  const mw_plain *plain; /* of the run under way, while it is started */
  size_t position;
  int64_t began, wall_offset;
  mw_nap *naps; /* NULL outside a batch */
  size_t nap_count;
  int64_t nap; /* the length for which the run under way parks; 0 is none */
} mw_batch;

typedef struct {
  size_t count;
  char start[40];
} mw_repeat_text;

/* Calls that differ from an earlier one in their function alone: see repeats.c. */
typedef struct {
  uint32_t left; /* so many more may be noted */
  uint32_t function;
  uint64_t next; /* the handle that the next one gets */
  mw_repeat_text texts[2];
  const void *ours, *caller; /* the prelude's function that made the call, and the script's that called that, where */
  int line;
  mw_buffer callbacks; /* of those noted */
} mw_repeats;

struct mw_isolate {
  lua_State *main; /* protected calls of the host only; scripts run in coroutines */
  mw_config config;
  mw_heap heap;
  volatile sig_atomic_t critical;    /* > 0 while host code or an allocator is on the stack */
  volatile sig_atomic_t press_waits; /* a press came meanwhile */
  unsigned armed_presses;            /* that found the hook armed, in a row */

  mw_slot *slots; /* slots[0] is not used */
  uint32_t slot_count, slot_capacity, first_free, busy_slots;

  lua_State *current; /* innermost running state */
  mw_worker *worker;  /* whose turn it is, if its thread is attached */
  mw_limits limits;
  mw_link *chain;     /* its chain, innermost first; NULL outside a run */
  mw_coroutine running;
  bool preempted;  /* the yield under way is by the hook */
  bool interrupts; /* mw_resume is to raise the interrupt */
  bool dead;       /* evicted */
  mw_end_cause end_cause; /* of the eviction */
  bool host_yield; /* the yield under way is the host's, not the script's own */
  uintptr_t stack_base; /* about where the turn began on the C stack, which grows down */
  struct {
    int64_t in_c, unyielding;
  } stall; /* for the turn: see press.c */

  mw_batch batch;
  mw_repeats repeats;
  uint8_t *known; /* by callback: how many arguments it looks at; see run.c */
  uint32_t known_count;
  bool called; /* the run under way has called the host */
  const mw_run *run; /* while mw_start enters a callback */
  const uint8_t *message; /* what mw_start or mw_resume brought */
  size_t message_count;
  bool raise;

  mw_buffer arguments, reply, result, traceback, scratch, data, state;
  mw_buffer fresh; /* callbacks made for the host call under way: released if it raises */
  bool failed, cancelled, declined, untitled; /* of the run that has just ended */
  bool overflowed; /* the memory that was refused last was refused to a stack of calls without end */
  char overflow_place[LUA_IDSIZE + 16];

  mw_work work;
  uint64_t created; /* tables, functions and coroutines of a simulated isolate */

  int run_metatable, job_metatable, host_table; /* references in the registry */
  void *cancel; /* identity of the word `cancel` */
};

/* Flags and the isolate live in the extra space of each state: new threads inherit the main state's copy. */
enum { MW_STATE_PARKED = 1, MW_STATE_EXPOSED = 2, MW_STATE_FLAGS = 7 };

static inline uintptr_t *mw_extra(lua_State *L) { return (uintptr_t *)lua_getextraspace(L); }
static inline mw_isolate *mw_of(lua_State *L) { return (mw_isolate *)(*mw_extra(L) & ~(uintptr_t)MW_STATE_FLAGS); }
static inline bool mw_flag(lua_State *L, uintptr_t flag) { return (*mw_extra(L) & flag) != 0; }
static inline void mw_set_flag(lua_State *L, uintptr_t flag) { *mw_extra(L) |= flag; }
static inline void mw_clear_flag(lua_State *L, uintptr_t flag) { *mw_extra(L) &= ~flag; }

/* Sections in which the thread must not be torn out of Lua. The fences keep the compiler from moving work across. */
static inline void mw_enter_critical(mw_isolate *isolate) {
  isolate->critical++;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}
void mw_take_press(mw_isolate *isolate); /* preempt.c: does what a press asked for in the critical section */
static inline void mw_leave_critical(mw_isolate *isolate) {
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  int left = isolate->critical - 1;
  isolate->critical = left;
  if (__builtin_expect(isolate->press_waits, 0) && left == 0) mw_take_press(isolate);
}

/* A script that raises this, or lets it pass, was interrupted. */
extern const void *const mw_interrupt_token;

static inline bool mw_is_interrupted(const mw_isolate *isolate) {
  return isolate->running && isolate->slots[isolate->running].interrupted;
}
static inline bool mw_is_token(lua_State *L, int index) { return lua_touserdata(L, index) == mw_interrupt_token; }

/* What the prelude answers for a run whose `when` said no. */
extern const void *const mw_declined_token;

/* preempt.c: around calls of the host. No signal arrives in between, and nothing is jumped over. */
void mw_enter_host(mw_isolate *isolate);
void mw_leave_host(mw_isolate *isolate);
bool mw_has_stack(const mw_isolate *isolate, size_t bytes); /* whether so much of the C stack is left */
void mw_arm_again(mw_isolate *isolate); /* for an isolate with a worker: a coroutine that took the hook along has ended */
void mw_note_interrupt(mw_isolate *isolate);
int mw_raise_interrupt(lua_State *L, mw_end_cause cause); /* run.c; raises always */
void mw_capture_chain(mw_isolate *isolate);

/* run.c */
mw_coroutine mw_acquire(mw_isolate *isolate); /* 0 is none; mw_refuse_start says why */
void mw_refuse_start(mw_isolate *isolate, mw_outcome *outcome);
void mw_give_back(mw_isolate *isolate, mw_coroutine index, bool reusable);
int mw_prepare(mw_isolate *isolate, mw_coroutine index, mw_callback callback, uint64_t run, uint32_t job_key);
bool mw_clear_parked(mw_isolate *isolate, mw_coroutine coroutine, mw_outcome *outcome);
void mw_begin_turn(mw_isolate *isolate, mw_coroutine index, mw_link *link);
void mw_end_turn(mw_isolate *isolate, mw_coroutine index, int status, mw_outcome *outcome);
void mw_know(lua_State *L, int index, mw_callback callback);

/* guard.c: all that is done with what a script made. The body is called; false where the thread was torn out of it, and the
 * isolate is dead. */
typedef void (*mw_guarded)(mw_isolate *isolate, void *context);
bool mw_guard(mw_isolate *isolate, mw_guarded body, void *context);
/* The same for a look into a state in which no script runs, within so much processor time in nanoseconds. */
bool mw_look(mw_isolate *isolate, mw_guarded look, void *context, int64_t cpu);
enum { MW_LOOK_TIME = 100000000 };

/* heap.c */
void *mw_heap_allocate(void *isolate, void *block, size_t old_size, size_t new_size);
void mw_heap_release(mw_heap *heap);

/* simulated.c */
void *mw_numbered_allocate(void *isolate, void *block, size_t old_size, size_t new_size);
void mw_count_work(mw_isolate *isolate);
void mw_number(lua_State *L, int index); /* raises; has no effect but in simulated isolates */
void mw_open_simulated(lua_State *L);    /* raises; stack: globals */

/* codec.c */
bool mw_buffer_append(mw_isolate *isolate, mw_buffer *buffer, const void *bytes, size_t count);
void mw_buffer_free(mw_buffer *buffer);
void mw_encode(lua_State *L, mw_buffer *into, int index, const char *names, int position,
               bool callbacks); /* raises */
int mw_decode(lua_State *L, const uint8_t *message, size_t count);                          /* raises */

enum mw_tag {
  MW_TAG_NIL, MW_TAG_FALSE, MW_TAG_TRUE, MW_TAG_INTEGER, MW_TAG_NUMBER, MW_TAG_STRING, MW_TAG_TABLE, MW_TAG_HANDLE,
  MW_TAG_CALLBACK,
};

/* coroutines.c */
void mw_open_coroutines(lua_State *L);                /* raises; stack: +table */
bool mw_can_wait(const mw_isolate *isolate);
int mw_pcall(lua_State *L);                           /* raises */
int mw_xpcall(lua_State *L);                          /* raises */

/* sandbox.c */
void mw_open_sandbox(lua_State *L); /* raises */
#define MW_PRELUDE_SOURCE "=moonwheel" /* frames of this source are ours: no position or traceback names them */

/* objects.c */
void mw_open_objects(lua_State *L);                               /* raises */
/* raises; stack: +run. What it brings begins at an index of the stack. */
void mw_push_run(lua_State *L, const mw_run *run, mw_coroutine coroutine, int first);
bool mw_push_state(lua_State *L, int run); /* raises; stack: +run.state, if it is to be read back */
void mw_push_handle(lua_State *L, uint64_t job);                  /* raises; stack: +handle */
bool mw_to_handle(lua_State *L, int index, uint64_t *job);

/* host.c */
void mw_push_host_function(lua_State *L, uint32_t function, uint32_t flags, const char *name,
                           const char *arguments); /* raises; stack: +function */
void mw_release_fresh(mw_isolate *isolate);
bool mw_to_length(lua_State *L, int index, int64_t *nanoseconds);
void mw_where(lua_State *L); /* raises; stack: +"script:line: " of the innermost frame that is the script's */

/* repeats.c */
bool mw_is_repeat(lua_State *L, mw_isolate *isolate, uint32_t function);
int mw_note_repeat(lua_State *L, mw_isolate *isolate); /* raises; stack: +handle */

/* traceback.c */
void mw_append_text(mw_isolate *isolate, mw_buffer *buffer, const char *text);
void mw_append_traceback(lua_State *L, int first, mw_buffer *into);
void mw_note_refusal(mw_isolate *isolate, bool is_new);
int mw_message_handler(lua_State *L);
int mw_traceback(lua_State *L); /* raises */

/* ending.c */
void mw_append_error(lua_State *L, int index, mw_buffer *into);
int mw_finish(lua_State *L, int status, lua_KContext context); /* stack: handler, run, results... or handler, run, error */

#endif
