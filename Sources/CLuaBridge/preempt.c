/* How a script is stopped from outside.
 *
 * No hook stands while a script runs: it would double the cost of tight code. When a turn has lasted too long, another
 * thread *presses* the worker: it signals the worker's thread, and the handler, running on that thread, arms a count hook
 * on the state that runs there. The hook, a moment later and between two instructions, does what was asked:
 *
 *   slice      yield to the host through the whole chain of coroutines, if each can be yielded; else nothing: the press
 *              is repeated
 *   interrupt  raise an error, once, that our own pcall, xpcall and coroutine functions pass on
 *   evict      no hook: the handler leaves Lua by siglongjmp to the entry of the worker, if the thread is interrupted in
 *              Lua's or our own code and outside every critical section; else the press is repeated
 *
 * The state word keeps signals out of the host. A press is begun only while the word says LUA, and makes it PRESSED; the
 * handler makes it LUA again. Who leaves Lua for the host waits, for the moment that it takes, until the handler has run:
 * so no system call of the host is ever interrupted by a press.
 *
 *      OUT ──enter──► LUA ──press──► PRESSED
 *       ▲             │ ▲               │
 *       └───leave─────┘ └───handler─────┘
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "internal.h"
#include "preempt.h"

static __thread mw_worker *this_worker;

static int press_signal;
static struct sigaction previous_press, previous_fault, previous_bus;
static uintptr_t text_start, text_end; /* of the object that Lua and the bridge are linked into */

static const char interrupt_identity;
const void *const mw_interrupt_token = &interrupt_identity;

mw_worker *mw_current_worker(void) { return this_worker; }

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/* By the worker's own thread: nobody else writes these counts. */
static inline void count_up(_Atomic uint32_t *count) {
  atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* The way into and out of Lua */

void mw_worker_limit(mw_worker *worker, const mw_limits *limits) {
  atomic_store_explicit(&worker->slice_end, limits->slice_end, memory_order_relaxed);
  atomic_store_explicit(&worker->soft_at, limits->soft_at, memory_order_relaxed);
  atomic_store_explicit(&worker->evict_at, limits->evict_at, memory_order_relaxed);
  count_up(&worker->epoch);
}

void mw_worker_enter(mw_worker *worker, mw_isolate *isolate, const mw_limits *limits) {
  worker->isolate = isolate;
  mw_worker_limit(worker, limits);
  atomic_store_explicit(&worker->request, MW_REQUEST_NONE, memory_order_relaxed);
  atomic_store_explicit(&worker->missed, false, memory_order_relaxed);
  atomic_store_explicit(&worker->state, MW_WORKER_LUA, memory_order_release);
}

void mw_worker_leave(mw_worker *worker) {
  int expected = MW_WORKER_LUA;
  while (!atomic_compare_exchange_weak_explicit(&worker->state, &expected, MW_WORKER_OUT, memory_order_acq_rel,
                                                memory_order_acquire)) {
    if (expected == MW_WORKER_OUT) return;
    expected = MW_WORKER_LUA;
    pause_briefly();
  }
}

void mw_worker_return(mw_worker *worker) {
  atomic_store_explicit(&worker->state, MW_WORKER_LUA, memory_order_release);
}

/* On the presser's thread, apart from what is in press.c */

int64_t mw_monotonic_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int mw_request_at(mw_worker *worker, int64_t now) {
  int64_t slice_end = atomic_load_explicit(&worker->slice_end, memory_order_relaxed);
  int64_t soft_at = atomic_load_explicit(&worker->soft_at, memory_order_relaxed);
  int64_t evict_at = atomic_load_explicit(&worker->evict_at, memory_order_relaxed);
  return now >= evict_at    ? MW_REQUEST_EVICT
         : now >= soft_at   ? MW_REQUEST_INTERRUPT
         : now >= slice_end ? MW_REQUEST_SLICE
                            : MW_REQUEST_NONE;
}

int mw_signal_press(mw_worker *worker) {
  return syscall(SYS_tgkill, getpid(), worker->thread, press_signal) == 0 ? 0 : errno;
}

/* On the worker's thread */

static bool is_in_text(const void *context) {
  const ucontext_t *interrupted = context;
#if defined(__x86_64__)
  uintptr_t at = (uintptr_t)interrupted->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
  uintptr_t at = (uintptr_t)interrupted->uc_mcontext.pc;
#else
#error "how this machine names the interrupted instruction is not known yet"
#endif
  return at >= text_start && at < text_end;
}

/* A leaf function that Lua called itself, such as memcmp: its return address is still on top of the stack, so it holds
 * nothing that had to be kept there. */
static bool is_in_leaf_of_text(const void *context) {
#if defined(__x86_64__)
  const ucontext_t *interrupted = context;
  uintptr_t back = *(const uintptr_t *)interrupted->uc_mcontext.gregs[REG_RSP];
  return back >= text_start && back < text_end;
#else
  (void)context;
  return false;
#endif
}

static bool is_chain_yieldable(const mw_isolate *isolate) {
  for (const mw_link *link = isolate->chain; link; link = link->outer)
    if (!lua_isyieldable(link->state)) return false;
  return isolate->chain != NULL;
}

static void hook(lua_State *L, lua_Debug *unused) {
  (void)unused;
  lua_sethook(L, NULL, 0, 0);
  mw_isolate *isolate = mw_of(L);
  mw_worker *worker = isolate->worker;
  if (!worker || !isolate->running) return;
  int request = atomic_exchange_explicit(&worker->request, MW_REQUEST_NONE, memory_order_relaxed);
  if (request == MW_REQUEST_NONE) return;
  bool is_new = !isolate->slots[isolate->running].interrupted;
  if (request >= MW_REQUEST_INTERRUPT && is_new)
    mw_raise_interrupt(L, (mw_end_cause)atomic_load_explicit(&worker->cause, memory_order_relaxed));
  if (!is_chain_yieldable(isolate)) {
    count_up(&worker->refused_yields);
    return;
  }
  if (request >= MW_REQUEST_INTERRUPT) mw_capture_chain(isolate);
  isolate->host_yield = true;
  isolate->preempted = true;
  lua_yield(L, 0);
}

/* So many presses find a hook that is armed already before it is armed anew. */
enum { PRESSES_ARMED = 16 };

/* A simulated isolate has the hook that counts its work; it is only ever torn out. To arm takes a step for each call on the
 * stack: a hook that is armed already stays for a while, else presses could keep a deep recursion from all progress. Not for
 * good: Lua may be about to forget that a call is to look at hooks. */
static void arm(mw_isolate *isolate) {
  lua_State *L = isolate->current;
  if (isolate->config.simulated) return;
  bool is_armed = lua_gethook(L) == hook && lua_gethookmask(L) != 0;
  isolate->armed_presses = is_armed ? isolate->armed_presses + 1 : 0;
  if (isolate->armed_presses % PRESSES_ARMED == 0) lua_sethook(L, hook, LUA_MASKCOUNT, 1);
}

/* The press that the way out waits for must find no critical section. */
void mw_enter_host(mw_isolate *isolate) {
  if (isolate->worker) mw_worker_leave(isolate->worker);
  mw_enter_critical(isolate);
}

/* A press that came while the worker was in the host is made up for here: else a script that does little but call the
 * host would hardly ever be hit. */
void mw_leave_host(mw_isolate *isolate) {
  mw_leave_critical(isolate);
  mw_worker *worker = isolate->worker;
  if (!worker) return;
  if (atomic_load_explicit(&worker->missed, memory_order_relaxed)) {
    atomic_store_explicit(&worker->missed, false, memory_order_relaxed);
    int request = mw_request_at(worker, mw_monotonic_now());
    atomic_store_explicit(&worker->request, request, memory_order_relaxed);
    atomic_store_explicit(&worker->cause, MW_ENDED_BY_LIMITS, memory_order_relaxed);
    if (request != MW_REQUEST_NONE) arm(isolate);
  }
  mw_worker_return(worker);
}

bool mw_has_stack(const mw_isolate *isolate, size_t bytes) {
  return !isolate->worker || (uintptr_t)__builtin_frame_address(0) - isolate->worker->stack_low > bytes;
}

/* A press that came in a critical section takes effect at its end: else a script that is in one for nearly all its time would
 * hardly ever be hit. */
void mw_take_press(mw_isolate *isolate) {
  isolate->press_waits = 0;
  mw_worker *worker = isolate->worker;
  if (!worker) return;
  if (atomic_load_explicit(&worker->request, memory_order_relaxed) == MW_REQUEST_EVICT) {
    mw_worker_leave(worker);
    siglongjmp(worker->entry, MW_LEFT_BY_EVICTION);
  }
  if (isolate->current) arm(isolate);
}

void mw_arm_again(mw_isolate *isolate) {
  if (atomic_load_explicit(&isolate->worker->request, memory_order_relaxed) != MW_REQUEST_NONE) arm(isolate);
}

void mw_note_interrupt(mw_isolate *isolate) {
  if (isolate->worker) count_up(&isolate->worker->interrupts);
}

static void pass_on(const struct sigaction *previous, int number, siginfo_t *info, void *context) {
  if (previous->sa_flags & SA_SIGINFO) previous->sa_sigaction(number, info, context);
  else if (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN) previous->sa_handler(number);
}

static void on_press(int number, siginfo_t *info, void *context) {
  int saved = errno;
  mw_worker *worker = this_worker;
  if (!worker || atomic_load_explicit(&worker->state, memory_order_acquire) != MW_WORKER_PRESSED) {
    pass_on(&previous_press, number, info, context);
    errno = saved;
    return;
  }
  mw_isolate *isolate = worker->isolate;
  bool evicts = atomic_load_explicit(&worker->request, memory_order_relaxed) == MW_REQUEST_EVICT;
  if (evicts && isolate->critical == 0 && (is_in_text(context) || is_in_leaf_of_text(context))) {
    atomic_store_explicit(&worker->state, MW_WORKER_OUT, memory_order_release);
    siglongjmp(worker->entry, MW_LEFT_BY_EVICTION);
  }
  /* An eviction that had to wait tries the hook as well: it may be the quicker way out. */
  if (isolate->critical > 0) isolate->press_waits = 1;
  else if (isolate->current && !worker->in_post_mortem) arm(isolate); /* a dead state may be half changed */
  atomic_store_explicit(&worker->state, MW_WORKER_LUA, memory_order_release);
  errno = saved;
}

static bool is_in_guard(const mw_worker *worker, const siginfo_t *info) {
  uintptr_t at = (uintptr_t)info->si_addr;
  return at >= worker->guard_start && at < worker->guard_end;
}

/* A fault in the guard page below the worker's stack, while it is in Lua, ends the isolate. */
static void on_fault(int number, siginfo_t *info, void *context) {
  mw_worker *worker = this_worker;
  if (worker && worker->in_post_mortem) siglongjmp(worker->post_mortem, 1);
  if (worker && is_in_guard(worker, info)) {
    bool is_in_lua = atomic_load_explicit(&worker->state, memory_order_acquire) != MW_WORKER_OUT;
    if (is_in_lua && worker->isolate->critical == 0 && is_in_text(context)) {
      /* A press may be on its way: its handler finds the state OUT and does nothing. */
      atomic_store_explicit(&worker->state, MW_WORKER_OUT, memory_order_release);
      siglongjmp(worker->entry, MW_LEFT_BY_OVERFLOW);
    }
    static const char text[] = "moonwheel: the C stack of a worker overflowed inside the host or libc\n";
    /* Only where it finds room: a reader of the log that stalls is not to keep a broken process from ending. */
    struct pollfd polled = {.fd = STDERR_FILENO, .events = POLLOUT};
    ssize_t ignored = poll(&polled, 1, 0) == 1 ? write(STDERR_FILENO, text, sizeof text - 1) : 0;
    (void)ignored;
  }
  const struct sigaction *previous = number == SIGBUS ? &previous_bus : &previous_fault;
  if ((previous->sa_flags & SA_SIGINFO) || (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN)) {
    pass_on(previous, number, info, context);
    return;
  }
  struct sigaction fallback = {.sa_handler = SIG_DFL};
  sigaction(number, &fallback, NULL); /* the instruction is tried again, and ends the process as it would have */
}

/* Set-up */

static int find_text(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size;
  (void)unused;
  uintptr_t wanted = (uintptr_t)&lua_resume;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    uintptr_t start = object->dlpi_addr + segment->p_vaddr;
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X)) continue;
    if (wanted < start || wanted >= start + segment->p_memsz) continue;
    text_start = start;
    text_end = start + segment->p_memsz;
    return 1;
  }
  return 0;
}

static int start_status;

static void start_runtime(void) {
  dl_iterate_phdr(find_text, NULL);
  uintptr_t own = (uintptr_t)&mw_worker_press;
  uintptr_t libc = (uintptr_t)dlsym(RTLD_DEFAULT, "gnu_get_libc_version"); /* one that no sanitizer intercepts */
  /* Leaving a function of libc by a jump could leave a lock held: libc must lie in an object of its own. */
  if (!text_start || own < text_start || own >= text_end || (libc >= text_start && libc < text_end)) {
    start_status = ENOTSUP;
    return;
  }
  struct sigaction press = {.sa_sigaction = on_press, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
  struct sigaction fault = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&press.sa_mask);
  sigemptyset(&fault.sa_mask);
  if (sigaction(press_signal, &press, &previous_press) || sigaction(SIGSEGV, &fault, &previous_fault) ||
      sigaction(SIGBUS, &fault, &previous_bus))
    start_status = errno;
}

int mw_runtime_start(int number) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  int status = 0;
  if (press_signal == 0) press_signal = number;
  else if (press_signal != number) status = EBUSY;
  pthread_mutex_unlock(&mutex);
  if (status == 0) {
    pthread_once(&once, start_runtime);
    status = start_status;
  }
  return status;
}

enum { ALTERNATE_STACK = 64 << 10 };

static void find_guard(mw_worker *worker) {
  pthread_attr_t attributes;
  void *stack;
  size_t size, guard;
  if (pthread_getattr_np(pthread_self(), &attributes)) return;
  if (!pthread_attr_getstack(&attributes, &stack, &size) && !pthread_attr_getguardsize(&attributes, &guard)) {
    /* glibc counts the guard to the stack or not, depending on its version: take both sides of the border. */
    worker->guard_start = (uintptr_t)stack - guard;
    worker->guard_end = (uintptr_t)stack + guard;
    worker->stack_low = worker->guard_end;
  }
  pthread_attr_destroy(&attributes);
}

mw_worker *mw_worker_attach(void) {
  mw_worker *worker = calloc(1, sizeof *worker);
  void *stack = worker ? mmap(NULL, ALTERNATE_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;
  if (stack == MAP_FAILED) {
    free(worker);
    return NULL;
  }
  stack_t alternate = {.ss_sp = stack, .ss_size = ALTERNATE_STACK};
  sigaltstack(&alternate, &worker->previous_stack);
  worker->alternate_stack = stack;
  worker->thread = (int)syscall(SYS_gettid);
  find_guard(worker);
  pthread_getcpuclockid(pthread_self(), &worker->cpu_clock);
  this_worker = worker;
  return worker;
}

void mw_worker_detach(mw_worker *worker) {
  this_worker = NULL;
  sigaltstack(&worker->previous_stack, NULL);
  munmap(worker->alternate_stack, ALTERNATE_STACK);
  worker->alternate_stack = NULL;
}

void mw_worker_free(mw_worker *worker) { free(worker); }

void mw_unblock_press(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, press_signal);
  sigaddset(&set, SIGSEGV);
  sigaddset(&set, SIGBUS);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
