/* The table of options of a function of C. Stands on traceback. */
#ifndef MOONWHEEL_BRIDGE_OPTIONS_H
#define MOONWHEEL_BRIDGE_OPTIONS_H

#include "state.h"

typedef struct {
  const char *name;
  const char *const *choices; /* texts, ended by NULL; NULL itself: true or false */
  int *value;                 /* gets the index of the choice, or 0 or 1; unchanged without the option */
} mw_option;

/* Reads the options at an index, where nil is none. The list ends with a name that is NULL. Raises for an unknown one. */
void mw_read_options(lua_State *L, int index, const char *function, const mw_option *options); /* raises */

/* Raises "FUNCTION takes WHAT, not a TYPE". */
int mw_refuse_argument(lua_State *L, int index, const char *function, const char *what); /* raises always */

/* The text at an index. A number is none. */
const char *mw_text_argument(lua_State *L, int index, const char *function, const char *what, size_t *length); /* raises */

/* Raises the text at the top, with the script's position in front. */
int mw_raise(lua_State *L); /* raises always; stack: text */

#endif
