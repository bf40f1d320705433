/* The Lua that Moonwheel is linked with: this target exists for its search paths. */
#include <lua5.4/lua.h>
