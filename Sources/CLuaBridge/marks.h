/* json.null, and the marks that tell an empty array from an empty object. Stands on state. */
#ifndef MOONWHEEL_BRIDGE_MARKS_H
#define MOONWHEEL_BRIDGE_MARKS_H

#include "state.h"

typedef enum { MW_UNMARKED, MW_ARRAY, MW_OBJECT } mw_table_mark;

void mw_open_marks(lua_State *L); /* raises */

void mw_push_null(lua_State *L); /* stack: +null; needs one slot */
static inline bool mw_is_null(lua_State *L, int index) {
  void *identity = lua_touserdata(L, index);
  return identity && identity == mw_of(L)->null;
}

/* Marks a table. It must have no other metatable than a mark. */
void mw_mark(lua_State *L, int index, mw_table_mark mark); /* needs one slot */
/* MW_UNMARKED for a value that is no table, too. */
mw_table_mark mw_mark_of(lua_State *L, int index); /* needs one slot */

#endif
