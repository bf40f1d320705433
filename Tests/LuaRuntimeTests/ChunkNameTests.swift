import LuaRuntime
import MoonwheelModel
import Testing

/// The name that a script gives to a chunk does not pass for another script's.
@Suite struct ChunkNameTests {
  @Test(arguments: [
    ("load('error(\"x\")', '@other.lua')()", "(load) other.lua:1: x"),
    ("load('error(\"x\")', '=other.lua')()", "(load) other.lua:1: x"),
    ("load('error(\"x\")', '=moonwheel')()", "(load):1: x"),
    ("pcall(load('error(\"x\")', '@other.lua'))", "(load) other.lua:1: x"),
    ("load('x x', '@other.lua')", "(load) other.lua:1: syntax error near 'x'"),
    ("load('@other.lua')", "(load) other.lua:1: unexpected symbol near '@'"),
    ("load('=other.lua')", "(load) other.lua:1: unexpected symbol near '='"),
    ("load('x x', '=(load)')", "(load):1:"),
    ("load('x x', '=(load) other.lua')", "(load) other.lua:1:"),
    ("load('x x', '@script.lua')", "script.lua:1:"),
    ("load('error(\"x\")', 'a name')()", "[string \"a name\"]:1: x"),
    ("load('error(\"x\")')()", "[string \"error(\"x\")\"]:1: x"),
    ("select(2, pcall(load, 'x x', '@other.lua'))", "(load) other.lua:1:"),
    // A chunk may use its own name, and no other.
    ("load('return load(\"x x\", \"@script.lua\")', '@other.lua')()", "(load) script.lua:1:"),
    ("load('return load(\"x x\", \"=(load) other.lua\")', '@other.lua')()", "(load) other.lua:1:"),
  ])
  func `a name of a file gets a prefix unless it is the caller's own`(
    expression: String, start: String
  ) throws {
    let script =
      "local values = table.pack(pcall(function() return \(expression) end)) for i = values.n, 1, -1 do if type(values[i]) == 'string' then return values[i] end end"
    let message = try #require(try Bench().run(script).text)
    #expect(message.hasPrefix(start), "\(message)")
  }

  @Test func `the host's position of a call is not another script's`() throws {
    let bench = try Bench()
    _ = try bench.run("load('keep(\"x\", print)', '@other.lua')()")
    #expect(bench.callers == ["(load) other.lua:1"])
  }

  @Test(arguments: [
    ("{ ['message\\0x'] = 'wrong', message = 'right' }", "right"),
    ("{ ['message\\0x'] = 'wrong', msg = 'right' }", "right"),
    ("{ ['msg\\0'] = 'wrong', msg = 5 }", "5"),
  ])
  func `a key with a NUL is another key`(table: String, message: String) throws {
    #expect(failure { try Bench().run("error(\(table))") } == message)
  }
}
