/* Lua passes the size of a block that it frees, so small blocks need no header. They come from spans of 16 KiB. A span
 * holds blocks of one size class (multiples of 16 bytes, up to 512), and is aligned so that masking a block's address
 * gives its span. A span carves its blocks as they are needed and keeps freed ones in a list. When its last block is
 * freed, it goes back to malloc; one empty span is kept. Larger blocks come from malloc with a header that links them.
 * Each isolate has its own lists, so its memory can be released without running any Lua.
 *
 * The cap is on the bytes that Lua asks for, rounded as above; what the host keeps for the script (account.c) takes its
 * room from them. The bytes taken from malloc have a cap that is a quarter larger. Without it a script could leave one block in each span of a class, fill the next class, and so hold many
 * times its cap. A refusal is an ordinary memory error to the script. Making a block smaller is never refused, since
 * Lua relies on it. */
#define _GNU_SOURCE
#include "heap.h"

#include "account.h"

#include <stdlib.h>
#include <sys/mman.h>

/* With malloc's header of 16 bytes a span is as large as its alignment, so that spans lie side by side. */
enum { SPAN_ALIGNMENT = MW_SPAN_ALIGNMENT, SPAN_BYTES = SPAN_ALIGNMENT - 16, LARGEST_SMALL = MW_SIZE_CLASSES * MW_SIZE_STEP };

typedef struct mw_span {
  struct mw_span *next, *previous;                 /* all spans of the heap */
  struct mw_span *next_partial, *previous_partial; /* those of its class with room */
  void *freed;
  uint32_t carved, live, capacity, size_class;
} mw_span;

typedef struct mw_large {
  struct mw_large *next, *previous;
  size_t size, unused;
} mw_large;

_Static_assert(sizeof(mw_large) % 16 == 0, "large blocks stay aligned");

/* Counts memory that is taken from malloc. False if it would exceed the cap of the heap, or what the script or all
 * scripts may hold, unless `must`. */
static bool reserve(mw_heap *heap, size_t size, bool must) {
  size_t most = heap->cap + heap->cap / 4 + MW_UNUSED_IN_SPANS;
  if (!must && heap->reserved + size > most) return false;
  if (!mw_account_reserve(heap->account, size, must)) return false;
  heap->reserved += size;
  return true;
}

static void unreserve(mw_heap *heap, size_t size) {
  heap->reserved -= size;
  mw_account_unreserve(heap->account, size);
}

static size_t rounded(size_t size) { return (size + MW_SIZE_STEP - 1) / MW_SIZE_STEP * MW_SIZE_STEP; }
static uint32_t class_of(size_t size) { return (uint32_t)((size - 1) / MW_SIZE_STEP); }
static mw_span *span_of(void *block) { return (mw_span *)((uintptr_t)block & ~(uintptr_t)(SPAN_ALIGNMENT - 1)); }
static uint8_t *first_block(mw_span *span) { return (uint8_t *)span + rounded(sizeof(mw_span)); }

static void partial_push(mw_heap *heap, mw_span *span) {
  mw_span **head = &heap->partial[span->size_class];
  span->previous_partial = NULL;
  span->next_partial = *head;
  if (*head) (*head)->previous_partial = span;
  *head = span;
}

static void partial_remove(mw_heap *heap, mw_span *span) {
  if (span->previous_partial) span->previous_partial->next_partial = span->next_partial;
  else heap->partial[span->size_class] = span->next_partial;
  if (span->next_partial) span->next_partial->previous_partial = span->previous_partial;
}

static mw_span *span_create(mw_heap *heap, uint32_t size_class, bool must) {
  mw_span *span = heap->spare;
  if (span) heap->spare = NULL;
  else {
    if (!reserve(heap, SPAN_BYTES, must)) return NULL;
    void *memory;
    if (posix_memalign(&memory, SPAN_ALIGNMENT, SPAN_BYTES) != 0) {
      unreserve(heap, SPAN_BYTES);
      return NULL;
    }
    span = memory;
    span->previous = NULL;
    span->next = heap->spans;
    if (heap->spans) heap->spans->previous = span;
    heap->spans = span;
  }
  span->size_class = size_class;
  span->capacity = (uint32_t)((SPAN_BYTES - rounded(sizeof(mw_span))) / ((size_class + 1) * MW_SIZE_STEP));
  span->carved = span->live = 0;
  span->freed = NULL;
  partial_push(heap, span);
  return span;
}

static void *small_allocate(mw_heap *heap, uint32_t size_class, bool must) {
  mw_span *span = heap->partial[size_class];
  if (!span && !(span = span_create(heap, size_class, must))) return NULL;
  void *block = span->freed;
  if (block) memcpy(&span->freed, block, sizeof(void *));
  else block = first_block(span) + (size_t)span->carved++ * (size_class + 1) * MW_SIZE_STEP;
  if (++span->live == span->capacity) partial_remove(heap, span);
  return block;
}

static void small_free(mw_heap *heap, void *block) {
  mw_span *span = span_of(block);
  if (span->live-- == span->capacity) partial_push(heap, span);
  memcpy(block, &span->freed, sizeof(void *));
  span->freed = block;
  if (span->live > 0) return;
  partial_remove(heap, span);
  if (!heap->spare) {
    heap->spare = span;
    return;
  }
  if (span->previous) span->previous->next = span->next;
  else heap->spans = span->next;
  if (span->next) span->next->previous = span->previous;
  free(span);
  unreserve(heap, SPAN_BYTES);
}

static void large_link(mw_heap *heap, mw_large *large) {
  large->previous = NULL;
  large->next = heap->large;
  if (heap->large) heap->large->previous = large;
  heap->large = large;
}

static void large_unlink(mw_heap *heap, mw_large *large) {
  if (large->previous) large->previous->next = large->next;
  else heap->large = large->next;
  if (large->next) large->next->previous = large->previous;
}

/* Blocks of at least this size are mapped singly, so that freed memory goes back to the system at once. malloc would
 * keep it: it raises its own threshold for mapping when large blocks come and go. */
enum { MAPPED_FROM = 256 << 10, PAGE = 4096 };

static size_t mapped_length(size_t size) { return (sizeof(mw_large) + size + PAGE - 1) / PAGE * PAGE; }

static mw_large *block_get(size_t size) {
  if (size < MAPPED_FROM) return malloc(sizeof(mw_large) + size);
  void *block = mmap(NULL, mapped_length(size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return block == MAP_FAILED ? NULL : block;
}

static void block_put(mw_large *large) {
  if (large->size < MAPPED_FROM) free(large);
  else munmap(large, mapped_length(large->size));
}

/* NULL without memory; the old block is then unchanged. */
static mw_large *block_move(mw_large *large, size_t size) {
  bool was_mapped = large->size >= MAPPED_FROM, is_mapped = size >= MAPPED_FROM;
  if (!was_mapped && !is_mapped) return realloc(large, sizeof(mw_large) + size);
  if (was_mapped && is_mapped) {
    void *moved = mremap(large, mapped_length(large->size), mapped_length(size), MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : moved;
  }
  mw_large *moved = block_get(size);
  if (!moved) return NULL;
  memcpy(moved, large, sizeof(mw_large) + (size < large->size ? size : large->size));
  block_put(large);
  return moved;
}

static void *large_allocate(mw_heap *heap, size_t size, bool must) {
  if (!reserve(heap, size, must)) return NULL;
  mw_large *large = block_get(size);
  if (!large) {
    unreserve(heap, size);
    return NULL;
  }
  large->size = size;
  large_link(heap, large);
  return large + 1;
}

static void large_free(mw_heap *heap, void *block) {
  mw_large *large = (mw_large *)block - 1;
  large_unlink(heap, large);
  unreserve(heap, large->size);
  block_put(large);
}

static void *large_resize(mw_heap *heap, void *block, size_t size) {
  mw_large *large = (mw_large *)block - 1;
  size_t before = large->size;
  if (size > before && !reserve(heap, size - before, false)) return NULL;
  large_unlink(heap, large);
  mw_large *moved = block_move(large, size);
  if (moved) moved->size = size;
  if (moved && size < before) unreserve(heap, before - size);
  if (!moved && size > before) unreserve(heap, size - before);
  large_link(heap, moved ? moved : large);
  return moved ? moved + 1 : NULL;
}

static void *allocate(mw_heap *heap, size_t size, bool must) {
  return size <= LARGEST_SMALL ? small_allocate(heap, class_of(size), must) : large_allocate(heap, size, must);
}

static void release(mw_heap *heap, void *block, size_t size) {
  if (size <= LARGEST_SMALL) small_free(heap, block);
  else large_free(heap, block);
}

static void *resize(mw_heap *heap, void *block, size_t old_size, size_t new_size) {
  if (old_size <= LARGEST_SMALL && new_size <= LARGEST_SMALL && class_of(old_size) == class_of(new_size)) return block;
  if (old_size > LARGEST_SMALL && new_size > LARGEST_SMALL) {
    void *moved = large_resize(heap, block, new_size);
    /* Shrinking must not fail: keep the old block instead. */
    return moved || new_size > old_size ? moved : block;
  }
  void *moved = allocate(heap, new_size, new_size < old_size);
  if (!moved) return NULL;
  memcpy(moved, block, old_size < new_size ? old_size : new_size);
  release(heap, block, old_size);
  return moved;
}

/* What the heap may use now: its cap, without what the host keeps for the script. */
static size_t usable(const mw_heap *heap) {
  size_t kept = mw_account_all_kept(heap->account);
  return kept < heap->cap ? heap->cap - kept : 0;
}

/* Without an old block, `old_size` is a type tag instead of a size. */
void *mw_heap_allocate(void *owner, void *block, size_t old_size, size_t new_size) {
  mw_isolate *isolate = owner;
  mw_heap *heap = &isolate->heap;
  size_t before = block && old_size ? rounded(old_size) : 0;
  size_t after = rounded(new_size);
  if (after > before) {
    size_t most = usable(heap);
    if (after > most || heap->used > most || after - before > most - heap->used) {
      heap->on_refusal(isolate, !block);
      return NULL;
    }
  }
  mw_enter_critical(isolate);
  void *result = NULL;
  if (new_size == 0) {
    if (before) release(heap, block, old_size);
  } else {
    result = before ? resize(heap, block, old_size, new_size) : allocate(heap, new_size, false);
  }
  if (result || new_size == 0) heap->used = heap->used - before + after;
  if (heap->used > heap->peak) heap->peak = heap->used;
  mw_leave_critical(isolate);
  if (!result && new_size != 0) heap->on_refusal(isolate, !block);
  return result;
}

void mw_heap_release(mw_heap *heap) {
  for (mw_span *span = heap->spans, *next; span; span = next) {
    next = span->next;
    free(span);
    unreserve(heap, SPAN_BYTES);
  }
  for (mw_large *large = heap->large, *next; large; large = next) {
    next = large->next;
    unreserve(heap, large->size);
    block_put(large);
  }
  memset(heap, 0, sizeof *heap);
}
