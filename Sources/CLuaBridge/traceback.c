/* Where a script is: tracebacks, of its own frames alone, in text outside the Lua heap. */
#include <stdio.h>

#include "internal.h"

enum { LONGEST_NAME = 60 };

void mw_append_text(mw_isolate *isolate, mw_buffer *buffer, const char *text) {
  mw_buffer_append(isolate, buffer, text, strlen(text));
}

static void append_frame(mw_isolate *isolate, mw_buffer *into, const lua_Debug *frame) {
  char line[32];
  mw_append_text(isolate, into, "\n\t");
  mw_append_text(isolate, into, frame->short_src);
  if (frame->currentline > 0) {
    snprintf(line, sizeof line, ":%d", frame->currentline);
    mw_append_text(isolate, into, line);
  }
  mw_append_text(isolate, into, ": in ");
  if (*frame->namewhat) {
    mw_append_text(isolate, into, frame->namewhat);
    mw_append_text(isolate, into, " '");
    mw_buffer_append(isolate, into, frame->name, strnlen(frame->name, LONGEST_NAME));
    mw_append_text(isolate, into, "'");
  } else if (*frame->what == 'm') {
    mw_append_text(isolate, into, "main chunk");
  } else if (*frame->what != 'C') {
    snprintf(line, sizeof line, ":%d>", frame->linedefined);
    mw_append_text(isolate, into, "function <");
    mw_append_text(isolate, into, frame->short_src);
    mw_append_text(isolate, into, line);
  } else {
    mw_append_text(isolate, into, "?");
  }
}

enum { FIRST_FRAMES = 20, LAST_FRAMES = 10 };

/* Lua counts the levels one by one, and a recursion without end has hundreds of thousands. */
enum { DEEPEST = 1 << 14 };

/* At most DEEPEST. */
static int depth_of(lua_State *L) {
  lua_Debug frame;
  int low = 0, high = 1;
  while (high < DEEPEST && lua_getstack(L, high, &frame)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    int middle = low + (high - low) / 2;
    if (lua_getstack(L, middle, &frame)) low = middle;
    else high = middle;
  }
  return high;
}

/* Allocates nothing in Lua, so it cannot raise. Leaves out our own frames. */
void mw_append_traceback(lua_State *L, int first, mw_buffer *into) {
  mw_isolate *isolate = mw_of(L);
  int depth = depth_of(L);
  lua_Debug frame;
  mw_append_text(isolate, into, "stack traceback:");
  for (int level = first; level < depth && lua_getstack(L, level, &frame); level++) {
    if (level == first + FIRST_FRAMES && depth - level > LAST_FRAMES + 1) {
      mw_append_text(isolate, into, "\n\t...");
      if (depth >= DEEPEST) return;
      level = depth - LAST_FRAMES;
      lua_getstack(L, level, &frame);
    }
    lua_getinfo(L, "Sln", &frame);
    bool base = level == depth - 1 && *frame.what == 'C';
    if (!base && strcmp(frame.source, MW_PRELUDE_SOURCE) != 0) append_frame(isolate, into, &frame);
  }
}

/* The whole chain, innermost first. */
void mw_capture_chain(mw_isolate *isolate) {
  isolate->traceback.count = 0;
  for (const mw_link *link = isolate->chain; link; link = link->outer) {
    if (link != isolate->chain) mw_append_text(isolate, &isolate->traceback, "\nresumed by, ");
    mw_append_traceback(link->state, 0, &isolate->traceback);
  }
}

int mw_message_handler(lua_State *L) { /* stack: error */
  mw_isolate *isolate = mw_of(L);
  if (mw_is_interrupted(isolate)) return 1; /* the traceback is of where it was interrupted */
  isolate->traceback.count = 0;
  mw_append_traceback(L, 1, &isolate->traceback);
  return 1;
}

/* stack: message (a string or nil); what `debug.traceback` answers */
int mw_traceback(lua_State *L) {
  mw_isolate *isolate = mw_of(L);
  isolate->scratch.count = 0;
  mw_append_traceback(L, 1, &isolate->scratch);
  if (lua_isstring(L, 1)) {
    lua_settop(L, 1);
    lua_pushliteral(L, "\n");
  } else {
    lua_settop(L, 0);
  }
  lua_pushlstring(L, (const char *)isolate->scratch.start, isolate->scratch.count);
  lua_concat(L, lua_gettop(L));
  return 1;
}

/* From this depth on, a stack that needs more memory than there is counts as one of calls without end. */
enum { ENDLESS = 10000 };

/* Called by the allocator when it refuses, in the midst of whatever Lua does: looks, and changes nothing in Lua. A stack of
 * calls without end meets the cap of the heap before Lua's own limit; it is told as what it is.
 *
 * How many calls there are can be counted at any moment. What they are calls of cannot be seen while Lua moves its stack: it
 * then keeps offsets in place of pointers (since 5.4.5). A moving stack is a block that grows, so only for new blocks is
 * looked at the calls. */
void mw_note_refusal(mw_isolate *isolate, bool is_new) {
  lua_State *L = isolate->current;
  lua_Debug frame;
  isolate->overflowed = L && lua_getstack(L, ENDLESS, &frame);
  if (!isolate->overflowed) return;
  isolate->overflow_place[0] = 0;
  isolate->traceback.count = 0;
  if (!is_new) return;
  for (int level = 0; lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sl", &frame);
    if (frame.currentline <= 0) continue;
    snprintf(isolate->overflow_place, sizeof isolate->overflow_place, "%s:%d: ", frame.short_src, frame.currentline);
    break;
  }
  mw_append_traceback(L, 0, &isolate->traceback);
}
