/* The host's objects in a script. Stands on traceback. */
#ifndef MOONWHEEL_BRIDGE_OBJECTS_H
#define MOONWHEEL_BRIDGE_OBJECTS_H

#include "state.h"

/* The prelude's result for a run whose `when` function did not return true. */
extern const void *const mw_declined_token;

void mw_open_objects(lua_State *L); /* raises */
/* Makes the run object. `first` is the stack index of the first value that payload_flags names. */
void mw_push_run(lua_State *L, const mw_run *run, mw_coroutine coroutine, int first); /* raises; stack: +run */
/* False, and nothing is pushed, if run.state is not to be read back. */
bool mw_push_state(lua_State *L, int run); /* raises; stack: +run.state */
void mw_push_handle(lua_State *L, uint64_t job); /* raises; stack: +handle */
/* False if the value at the index is no handle. */
bool mw_to_handle(lua_State *L, int index, uint64_t *job);

#endif
