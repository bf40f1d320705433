import LuaRuntime
import Testing

/// The coroutine functions are our own; a script cannot tell.
@Suite struct CoroutineTests {
  private static func script(_ body: String) -> String {
    LuaCase.start.replacing("\n", with: " ") + body + LuaCase.end
  }

  @Test(arguments: LuaCase.coroutines)
  func `coroutines behave as in stock Lua`(example: LuaCase) throws {
    #expect(try Bench().run(Self.script(example.lua), name: "case") == .string(example.expected))
  }

  /// Everything once more, where the host parks the run at each chance that it gets.
  @Test(arguments: LuaCase.coroutines.filter { !$0.lua.contains("pcall(create") })
  func `coroutines behave as in stock Lua while the host parks them`(example: LuaCase) throws {
    let waits = """
      do local wrap, sleep, pcall = coroutine.wrap, sleep, pcall
      local function pause() pcall(sleep, 1) end
      local create = coroutine.create
      coroutine.create = function(f)
        if type(f) ~= "function" then return create(f) end
        return create(function(...) pause() return f(...) end)
      end
      coroutine.wrap = function(f) return wrap(function(...) pause() return f(...) end) end end

      """.replacing("\n", with: " ")
    let script = Self.script(example.lua)
    #expect(try Bench().run(waits + script, name: "case") == .string(example.expected))
  }

  @Test func `a script yields in coroutines only`() throws {
    let bench = try Bench()
    let script = "say(pcall(coroutine.yield)) say(coroutine.isyieldable())"
    #expect(
      try bench.run(Self.script(script))
        == "false attempt to yield from outside a coroutine; use sleep or wait false")
  }
}
