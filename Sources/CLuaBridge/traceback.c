/* Texts are appended to buffers outside the Lua heap, so that a traceback can be taken when memory is short. */
#include "traceback.h"

#include <stdio.h>

#include "buffer.h"

/* Finds the innermost frame that is the script's. */
static bool find_caller(lua_State *L, lua_Debug *frame) {
  for (int level = 0; lua_getstack(L, level, frame); level++) {
    lua_getinfo(L, "Sl", frame);
    if (frame->currentline > 0 && strcmp(frame->source, MW_PRELUDE_SOURCE) != 0) return true;
  }
  return false;
}

bool mw_may_name_chunk(lua_State *L, const char *name) {
  lua_Debug frame;
  if (!lua_getstack(L, 1, &frame)) return false;
  lua_getinfo(L, "S", &frame);
  bool is_prelude = strcmp(frame.source, MW_PRELUDE_SOURCE) == 0;
  return is_prelude || (find_caller(L, &frame) && strcmp(frame.source, name) == 0);
}

void mw_where(lua_State *L) {
  lua_Debug frame;
  if (find_caller(L, &frame)) lua_pushfstring(L, "%s:%d: ", frame.short_src, frame.currentline);
  else lua_pushliteral(L, "");
}

int mw_caller(mw_isolate *isolate, char *text, size_t space) {
  lua_Debug frame;
  bool found = isolate->current && find_caller(isolate->current, &frame);
  if (found) snprintf(text, space, "%s:%d", frame.short_src, frame.currentline);
  else text[0] = 0;
  return found ? frame.currentline : 0;
}

enum { LONGEST_NAME = 60 };

static void append_frame(mw_isolate *isolate, mw_buffer *into, const lua_Debug *frame) {
  char line[32];
  mw_buffer_append_text(isolate, into, "\n\t");
  mw_buffer_append_text(isolate, into, frame->short_src);
  if (frame->currentline > 0) {
    snprintf(line, sizeof line, ":%d", frame->currentline);
    mw_buffer_append_text(isolate, into, line);
  }
  mw_buffer_append_text(isolate, into, ": in ");
  if (*frame->namewhat) {
    mw_buffer_append_text(isolate, into, frame->namewhat);
    mw_buffer_append_text(isolate, into, " '");
    mw_buffer_append(isolate, into, frame->name, strnlen(frame->name, LONGEST_NAME));
    mw_buffer_append_text(isolate, into, "'");
  } else if (*frame->what == 'm') {
    mw_buffer_append_text(isolate, into, "main chunk");
  } else if (*frame->what != 'C') {
    snprintf(line, sizeof line, ":%d>", frame->linedefined);
    mw_buffer_append_text(isolate, into, "function <");
    mw_buffer_append_text(isolate, into, frame->short_src);
    mw_buffer_append_text(isolate, into, line);
  } else {
    mw_buffer_append_text(isolate, into, "?");
  }
}

enum { FIRST_FRAMES = 20, LAST_FRAMES = 10 };

/* Lua finds a level by counting from the top, and endless recursion makes hundreds of thousands of levels. */
enum { DEEPEST = 1 << 14 };

/* The depth of the stack, at most DEEPEST. */
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

/* Allocates nothing in Lua, so it cannot raise. Leaves out the outermost frame, which is the bridge's, and the prelude's
 * frames, so that a script sees its own. */
void mw_append_traceback(lua_State *L, int first, mw_buffer *into) {
  mw_isolate *isolate = mw_of(L);
  int depth = depth_of(L);
  lua_Debug frame;
  mw_buffer_append_text(isolate, into, "stack traceback:");
  for (int level = first; level < depth && lua_getstack(L, level, &frame); level++) {
    if (level == first + FIRST_FRAMES && depth - level > LAST_FRAMES + 1) {
      mw_buffer_append_text(isolate, into, "\n\t...");
      if (depth >= DEEPEST) return;
      level = depth - LAST_FRAMES;
      lua_getstack(L, level, &frame);
    }
    lua_getinfo(L, "Sln", &frame);
    bool is_base = level == depth - 1 && *frame.what == 'C';
    if (!is_base && strcmp(frame.source, MW_PRELUDE_SOURCE) != 0) append_frame(isolate, into, &frame);
  }
}

void mw_capture_chain(mw_isolate *isolate) {
  isolate->traceback.count = 0;
  for (const mw_link *link = isolate->chain; link; link = link->outer) {
    if (link != isolate->chain) mw_buffer_append_text(isolate, &isolate->traceback, "\nresumed by, ");
    mw_append_traceback(link->state, 0, &isolate->traceback);
  }
}

int mw_message_handler(lua_State *L) {
  mw_isolate *isolate = mw_of(L);
  if (mw_is_interrupted(isolate)) return 1; /* keep the traceback of the interrupt */
  isolate->traceback.count = 0;
  mw_append_traceback(L, 1, &isolate->traceback);
  return 1;
}

/* stack: message (a string or nil) */
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

/* If memory is refused to a stack of at least this depth, the cause is taken to be endless recursion. */
enum { ENDLESS = 10000 };

/* So many refusals of a turn get a traceback, which takes about a millisecond at that depth. A script that catches the
 * error again and again gets the position alone for the others. */
enum { MOST_TRACEBACKS = 16 };

/* The allocator calls this in the middle of any operation of Lua, so it reads Lua's state and changes nothing. Endless
 * recursion reaches the cap of the heap before Lua's own limit; the script then gets a stack overflow as its error.
 *
 * The calls can be counted at any time. But their functions cannot be read while Lua moves its stack, since it then
 * stores offsets in place of pointers (since 5.4.5). A stack that moves is a block that grows, so only the refusal of a
 * new block reads them. */
void mw_record_refusal(mw_isolate *isolate, bool is_new) {
  lua_State *L = isolate->current;
  lua_Debug frame;
  isolate->overflowed = L && lua_getstack(L, ENDLESS, &frame);
  if (!isolate->overflowed) return;
  isolate->overflow_position[0] = 0;
  isolate->traceback.count = 0;
  if (!is_new) return;
  for (int level = 0; lua_getstack(L, level, &frame); level++) {
    lua_getinfo(L, "Sl", &frame);
    if (frame.currentline <= 0) continue;
    snprintf(isolate->overflow_position, sizeof isolate->overflow_position, "%s:%d: ", frame.short_src,
             frame.currentline);
    break;
  }
  if (isolate->refusal_tracebacks++ < MOST_TRACEBACKS) mw_append_traceback(L, 0, &isolate->traceback);
}
