/* An account counts two kinds of bytes: those that its states have taken from the system, and those that the host keeps
 * on behalf of the script: arguments, payloads, names. Any thread may charge it.
 *
 *     script      kept: what outlives a generation (promises, run.state, events under way)
 *       ^
 *     generation  kept: its jobs and their options; states: those of its scripts' heaps, private ones included
 *
 * A generation that is loaded beside the one before it so has room of its own, but not for what the script has in the
 * host already.
 *
 * What is kept takes room away from the heaps, and the other way round: kept + used <= cap for each state (heap.c), and
 * kept + states <= cap + a quarter + what the size classes may leave unused. The quarter is that of a single heap. */
#include "account.h"

#include <stdatomic.h>
#include <stdlib.h>

struct mw_account {
  _Atomic size_t states, kept, cap;
  mw_account *above; /* NULL if this is the account of a script */
  /* Whether the process had a cap when the account was made. Without one, nobody asks for `total_kept`, and an event
   * need not touch a count that all workers share. */
  bool counts_for_process;
};

static _Atomic size_t total_states, total_kept, total_cap;

static size_t load(const _Atomic size_t *count) { return atomic_load_explicit(count, memory_order_relaxed); }
static void add(_Atomic size_t *count, size_t bytes) { atomic_fetch_add_explicit(count, bytes, memory_order_relaxed); }
static void subtract(_Atomic size_t *count, size_t bytes) {
  atomic_fetch_sub_explicit(count, bytes, memory_order_relaxed);
}

size_t mw_memory_reserved(void) { return load(&total_states); }
size_t mw_memory_kept(void) { return load(&total_kept); }
void mw_set_memory_cap(size_t bytes) { atomic_store_explicit(&total_cap, bytes, memory_order_relaxed); }

mw_account *mw_account_create(mw_account *above, size_t cap) {
  mw_account *account = calloc(1, sizeof *account);
  if (!account) abort(); /* as Swift does without memory for an object */
  account->above = above;
  account->counts_for_process = load(&total_cap) != 0;
  mw_account_set_cap(account, cap);
  return account;
}

void mw_account_free(mw_account *account) { free(account); }

void mw_account_set_cap(mw_account *account, size_t cap) {
  atomic_store_explicit(&account->cap, cap, memory_order_relaxed);
}

size_t mw_account_cap(const mw_account *account) { return load(&account->cap); }
size_t mw_account_states(const mw_account *account) { return load(&account->states); }

size_t mw_account_all_kept(const mw_account *account) {
  if (!account) return 0;
  return load(&account->kept) + (account->above ? load(&account->above->kept) : 0);
}

size_t mw_account_kept(const mw_account *account) { return mw_account_all_kept(account); }

/* What states and the host may take together. */
static size_t room(const mw_account *account) {
  size_t cap = load(&account->cap);
  return cap + cap / 4 + MW_UNUSED_IN_SPANS;
}

static bool fits_process(size_t bytes) {
  size_t cap = load(&total_cap);
  return cap == 0 || load(&total_states) + load(&total_kept) + bytes <= cap;
}

bool mw_account_reserve(mw_account *account, size_t bytes, bool must) {
  if (account) {
    size_t before = atomic_fetch_add_explicit(&account->states, bytes, memory_order_relaxed);
    if (!must && before + bytes + mw_account_all_kept(account) > room(account)) {
      subtract(&account->states, bytes);
      return false;
    }
  }
  add(&total_states, bytes);
  if (must || fits_process(0)) return true;
  mw_account_unreserve(account, bytes);
  return false;
}

void mw_account_unreserve(mw_account *account, size_t bytes) {
  if (account) subtract(&account->states, bytes);
  subtract(&total_states, bytes);
}

void mw_account_keep(mw_account *account, size_t bytes) {
  add(&account->kept, bytes);
  if (account->counts_for_process) add(&total_kept, bytes);
}

void mw_account_let_go(mw_account *account, size_t bytes) {
  subtract(&account->kept, bytes);
  if (account->counts_for_process) subtract(&total_kept, bytes);
}

/* An eighth is left to the heap: a script whose events or promises are refused for now must be able to go on. */
int mw_account_has_room(const mw_account *account, size_t bytes, size_t used) {
  size_t kept = mw_account_all_kept(account) + bytes, cap = load(&account->cap);
  return kept + used <= cap - cap / 8 && kept + load(&account->states) <= room(account) && fits_process(bytes);
}
