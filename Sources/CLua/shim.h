/* Debian keeps the headers in a folder of their own; the static library is named in the module map, so that neither
 * pkg-config (which would bring the shared one) nor a search path is needed. */
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
