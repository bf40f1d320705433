#ifndef CLUABRIDGE_H
#define CLUABRIDGE_H
int mw_lua_version(void);
#endif
