/* Lua as its authors ship it, to measure against: luaL_newstate, luaL_openlibs, no limits. */
#ifndef STOCK_LUA_H
#define STOCK_LUA_H

#include <stdint.h>

typedef struct stock_lua stock_lua;

/* Runs the text, which defines a global function `program`. NULL if memory is short, or if the text fails; then the
 * error is on stderr. */
stock_lua *stock_lua_create(const char *text);
void stock_lua_destroy(stock_lua *stock);

/* Nanoseconds of the process's processor time that `program(size)` takes, after a full
 * collection; -1 if it raises. */
int64_t stock_lua_time(stock_lua *stock, int64_t size);

#endif
