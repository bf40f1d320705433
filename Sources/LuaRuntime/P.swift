import CLuaBridge
public func luaVersion() -> Int32 { mw_lua_version() }
