/* Debian puts the headers into a folder of their own, so no search path is needed. The module map names the static
 * library, since Debian's pkg-config file names the shared one. */
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
