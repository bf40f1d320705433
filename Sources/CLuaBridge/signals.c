/* Signal handlers, and what a thread needs for them. The preemption signal ends turns (preempt.c). SIGSEGV and SIGBUS
 * in the guard page below a thread's stack end the isolate that overflowed it, instead of the process. */
#define _GNU_SOURCE
#include "signals.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "preempt.h"
#include "worker.h"

static __thread mw_worker *this_worker;

static int preemption_signal;
static struct sigaction previous_preemption, previous_fault, previous_bus;
typedef struct {
  uintptr_t start, end;
} code_range;
static code_range lua_code;            /* of the object that Lua and the bridge are linked into */
static code_range libc_code, math_code; /* of the libraries that it calls */

mw_worker *mw_current_worker(void) { return this_worker; }

int mw_signal_worker(mw_worker *worker) {
  return syscall(SYS_tgkill, getpid(), worker->thread, preemption_signal) == 0 ? 0 : errno;
}

/* Handlers, on the worker's thread */

static bool contains(const code_range *range, uintptr_t address) {
  return address >= range->start && address < range->end;
}

static uintptr_t interrupted_at(const ucontext_t *interrupted) {
#if defined(__x86_64__)
  return (uintptr_t)interrupted->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
  return (uintptr_t)interrupted->uc_mcontext.pc;
#else
#error "the register of the interrupted instruction is not known for this machine"
#endif
}

/* Where the interrupted function returns to if it keeps nothing on the stack and has called nothing. */
static uintptr_t leaf_return_address(const ucontext_t *interrupted) {
#if defined(__x86_64__)
  return *(const uintptr_t *)interrupted->uc_mcontext.gregs[REG_RSP];
#else
  return (uintptr_t)interrupted->uc_mcontext.regs[30];
#endif
}

static bool is_in_lua(const void *context) { return contains(&lua_code, interrupted_at(context)); }

/* Whether the thread is in a function of libc that Lua called and that keeps nothing on the stack, such as memcmp. Such a
 * function has called nothing, so it holds no lock.
 *
 * In another function the word that is read may be a stale one. The functions of libc that a script reaches outside of
 * critical sections take no lock in the C locale (LinkedSymbolsTests has their names), so that does no harm. The
 * dynamic linker, which resolves a function at its first call, does hold state then: its code is never taken for
 * libc's. */
static bool is_in_leaf_of_lua(const void *context) {
  uintptr_t at = interrupted_at(context);
  if (!contains(&libc_code, at) && !contains(&math_code, at)) return false;
  return contains(&lua_code, leaf_return_address(context));
}

static void call_previous(const struct sigaction *previous, int number, siginfo_t *info, void *context) {
  if (previous->sa_flags & SA_SIGINFO) previous->sa_sigaction(number, info, context);
  else if (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN) previous->sa_handler(number);
}

static void on_preemption(int number, siginfo_t *info, void *context) {
  int saved = errno;
  mw_worker *worker = this_worker;
  if (!worker || atomic_load_explicit(&worker->state, memory_order_acquire) != MW_WORKER_SIGNALLED) {
    call_previous(&previous_preemption, number, info, context);
    errno = saved;
    return;
  }
  mw_isolate *isolate = worker->isolate;
  bool evicts = atomic_load_explicit(&worker->request, memory_order_acquire) == MW_REQUEST_EVICT;
  if (evicts && isolate->critical == 0 && (is_in_lua(context) || is_in_leaf_of_lua(context))) {
    atomic_store_explicit(&worker->state, MW_WORKER_OUT, memory_order_release);
    siglongjmp(worker->entry, MW_LEFT_BY_EVICTION);
  }
  /* An eviction that is not possible here arms the hook too, which may end the turn sooner than the next request. A
   * dead state may be half changed, so no hook is set there. */
  if (isolate->critical > 0) isolate->deferred_request = mw_perform_deferred_request;
  else if (isolate->current && !worker->in_post_mortem) mw_arm_hook(isolate);
  atomic_store_explicit(&worker->state, MW_WORKER_LUA, memory_order_release);
  errno = saved;
}

static bool is_in_guard(const mw_worker *worker, const siginfo_t *info) {
  uintptr_t at = (uintptr_t)info->si_addr;
  return at >= worker->guard_start && at < worker->guard_end;
}

/* A fault in the guard page while the worker is in Lua ends the isolate. Any other fault goes to the previous
 * handler. */
static void on_fault(int number, siginfo_t *info, void *context) {
  mw_worker *worker = this_worker;
  if (worker && worker->in_post_mortem) siglongjmp(worker->post_mortem, 1);
  if (worker && is_in_guard(worker, info)) {
    bool is_in_turn = atomic_load_explicit(&worker->state, memory_order_acquire) != MW_WORKER_OUT;
    if (is_in_turn && worker->isolate->critical == 0 && is_in_lua(context)) {
      /* A preemption signal may be on its way: its handler finds the state OUT and does nothing. */
      atomic_store_explicit(&worker->state, MW_WORKER_OUT, memory_order_release);
      siglongjmp(worker->entry, MW_LEFT_BY_OVERFLOW);
    }
    static const char text[] = "moonwheel: the C stack of a worker overflowed inside the host or libc\n";
    /* Only if stderr can take it now: a log reader that stalls must not keep a broken process from ending. */
    struct pollfd polled = {.fd = STDERR_FILENO, .events = POLLOUT};
    ssize_t ignored = poll(&polled, 1, 0) == 1 ? write(STDERR_FILENO, text, sizeof text - 1) : 0;
    (void)ignored;
  }
  const struct sigaction *previous = number == SIGBUS ? &previous_bus : &previous_fault;
  if ((previous->sa_flags & SA_SIGINFO) || (previous->sa_handler != SIG_DFL && previous->sa_handler != SIG_IGN)) {
    call_previous(previous, number, info, context);
    return;
  }
  struct sigaction fallback = {.sa_handler = SIG_DFL};
  sigaction(number, &fallback, NULL); /* the instruction faults again and ends the process */
}

/* Set-up */

typedef struct {
  uintptr_t wanted;
  code_range *found;
} code_search;

static int match_segment(struct dl_phdr_info *object, size_t size, void *context) {
  (void)size;
  const code_search *search = context;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    code_range range = {object->dlpi_addr + segment->p_vaddr, 0};
    range.end = range.start + segment->p_memsz;
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X) || !contains(&range, search->wanted)) continue;
    *search->found = range;
    return 1;
  }
  return 0;
}

/* Finds the code that has an address. */
static void find_code(uintptr_t address, code_range *range) {
  code_search search = {address, range};
  if (address) dl_iterate_phdr(match_segment, &search);
}

static int start_status;

static void start_runtime(void) {
  uintptr_t libc = (uintptr_t)dlsym(RTLD_DEFAULT, "gnu_get_libc_version"); /* no sanitizer intercepts it */
  find_code((uintptr_t)&lua_resume, &lua_code);
  find_code(libc, &libc_code);
  find_code((uintptr_t)dlsym(RTLD_DEFAULT, "fegetround"), &math_code);
  /* A jump out of a libc function could leave a lock held. To tell libc's code from Lua's, libc must be another
   * object. */
  if (!contains(&lua_code, (uintptr_t)&mw_runtime_start) || contains(&lua_code, libc)) {
    start_status = ENOTSUP;
    return;
  }
  struct sigaction preemption = {.sa_sigaction = on_preemption, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
  struct sigaction fault = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigemptyset(&preemption.sa_mask);
  sigemptyset(&fault.sa_mask);
  if (sigaction(preemption_signal, &preemption, &previous_preemption) || sigaction(SIGSEGV, &fault, &previous_fault) ||
      sigaction(SIGBUS, &fault, &previous_bus))
    start_status = errno;
}

/* Whether a thread can handle a signal and go on: not those that end the process, or that a fault raises. */
static bool can_preempt(int number) {
  static const int others[] = {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (number == others[i]) return false;
  struct sigaction present;
  return sigaction(number, NULL, &present) == 0;
}

int mw_runtime_start(int number) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  if (!can_preempt(number)) return EINVAL;
  pthread_mutex_lock(&mutex);
  int status = 0;
  if (preemption_signal == 0) preemption_signal = number;
  else if (preemption_signal != number) status = EBUSY;
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
    /* Whether the stack includes the guard depends on glibc's version, so take both sides of the border. */
    worker->guard_start = (uintptr_t)stack - guard;
    worker->guard_end = (uintptr_t)stack + guard;
    worker->stack_low = worker->guard_end;
  }
  pthread_attr_destroy(&attributes);
}

mw_worker *mw_worker_attach(void) {
  mw_worker *worker = calloc(1, sizeof *worker);
  void *stack = MAP_FAILED;
  if (worker) stack = mmap(NULL, ALTERNATE_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
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
  mw_unblock_signals(); /* a thread of the host has most signals blocked, perhaps the one that was chosen */
  return worker;
}

void mw_worker_detach(mw_worker *worker) {
  this_worker = NULL;
  sigaltstack(&worker->previous_stack, NULL);
  munmap(worker->alternate_stack, ALTERNATE_STACK);
  worker->alternate_stack = NULL;
}

void mw_worker_free(mw_worker *worker) { free(worker); }

void mw_unblock_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, preemption_signal);
  sigaddset(&set, SIGSEGV);
  sigaddset(&set, SIGBUS);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
