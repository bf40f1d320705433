import Layers
import Moonwheel
import MoonwheelSimulation
import TestSupport
import Testing

/// The messages that the author of a test sees.
@Suite struct ScriptTestFailureTests {
  private static let ticking = "sim:load('a.lua', [[every('1s', { name = 'tick' }, print)]])"

  @Test(
    arguments: [
      ("expect(1):equals(2)", "expected\n  1\nto equal\n  2"),
      ("expect('a\\nb').never:contains('b')", "expected\n  \"a\\nb\"\nnot to contain\n  \"b\""),
      ("expect(1):equal(1)", "expect(...) has no check 'equal'; there are at_least, at_most,"),
      ("expect(1).equals(1)", "write expect(...):equals(...), with a colon"),
      ("expect(1):at_least('x')", "expect(...):at_least takes a number, not a string"),
      ("expect('x'):matches()", "expect(...):matches takes a string, not a nil"),
      ("expect('x'):matches('[')", "expect(...):matches: malformed pattern"),
      ("sim.load('a.lua')", "write sim:load(...), with a colon"),
      ("sim:avance('1s')", "a simulation has no 'avance'; there are advance, emit,"),
      ("sim:advance()", "advance must be a duration like \"10s\" or a number of seconds, not nil"),
      ("sim:run()", "run: till when? give a time"),
      ("sim:run('10s')", "run: \"10s\" is a duration, not a time; write sim:advance(\"10s\")"),
      ("sim:run('2025-01-01')", "run: 2025-01-01T00:00:00+00:00 is past; it is 2026-01-01T"),
      ("sim:outage('2025-01-01', '1h')", "outage: 2025-01-01T00:00:00+00:00 is past"),
      ("sim:step_clock('2025-01-01', '1h')", "step_clock: 2025-01-01T00:00:00+00:00 is past"),
      ("sim:trigger('tock') ", "there is no job \"tock\""),
      ("\(ticking) sim:runs('tack')", "there is no job \"tack\"; did you mean \"tick\"?"),
      ("\(ticking) sim:log('tack')", "there is no job \"tack\"; did you mean \"tick\"?"),
      ("\(ticking) sim:reload('b.lua', '')", "no script \"b.lua\" was loaded"),
      ("\(ticking) sim:mock('a.b', print)", "write sim:mock(\"a.b\", ...) before sim:load"),
      ("sim:mock('print', print)", "\"print\" is a word of the Lua API"),
      (
        "sim:load('/etc/passwd')", "load: \"/etc/passwd\" is not a script: a script is a file *.lua"
      ),
      ("sim:load('b.lua', 'every(')", "b.lua:1: unexpected symbol near <eof>"),
      ("sleep('1s')", "sleep: a test has no time of its own"),
      ("every('1s', print)", "a test registers no jobs"),
      ("own:trigger()", "the test waits for what never comes"),
      ("while true do end", "the test computed longer than 5s"),
      ("local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", "not enough memory"),
      ("error { message = 'hi', code = 4 }", "hi"),
    ])
  func `a failed test has a message and its line`(body: String, message: String) throws {
    let failure = try #require(try Self.failure(of: body))
    // A failure that has no line in the test has the line of the test.
    let places = body.hasPrefix("error {") ? [""] : ["a_test.lua:3: ", "a_test.lua:2: "]
    #expect(places.contains { failure.message.hasPrefix($0 + message) }, "\(failure.message)")
    #expect(!failure.traceback.contains("[C]: in upvalue 'error'"))
    #expect(!"\(failure)".contains("moonwheel:"))
  }

  @Test(arguments: [
    ("test('x')", "a_test.lua:1: test \"x\" needs a function"),
    ("test(print)", "a_test.lua:1: test takes a name first, not a function"),
    ("expect(1):equals(2)", "a_test.lua:1: expected\n  1\nto equal\n  2"),
    ("test(", "a_test.lua:1: unexpected symbol near <eof>"),
  ])
  func `a file that does not load has an error without Moonwheel's own stack`(
    text: String, message: String
  ) throws {
    let folder = try TemporaryFolder()
    try folder.write("a_test.lua", text)
    let error = try #require(throws: ScriptError.self) {
      try ScriptTests(path: "\(folder.path)/a_test.lua", root: folder.path)
    }
    #expect(error.message == message)
    #expect(error.traceback.isEmpty)
  }

  @Test func `a function that the test calls is in the traceback`() throws {
    let failure = try #require(
      try Self.failure(of: "local function f() expect(1):is_nil() end\n f()"))
    #expect(
      failure.traceback.split(separator: "\n").dropFirst().map { $0.prefix(15) } == [
        "\ta_test.lua:3: ", "\ta_test.lua:4: ",
      ])
  }

  @Test func `an expectation in a mock fails its test`() throws {
    let mocking = { (answer: String) in
      """
      sim:mock("shop.price", function(item) \(answer) end)
      sim:load("a.lua", [[every("1s", { name = "j" }, function() return shop.price("tea") end)]])
      sim:advance("1s")
      """
    }
    let failure = try #require(try Self.failure(of: mocking("expect(item):equals('cake')")))
    #expect(
      failure.message == "a_test.lua:3: expected\n  \"tea\"\nto equal\n  \"cake\"")
    #expect(try Self.failure(of: mocking("expect(item):equals('tea')")) == nil)
    #expect(try Self.failure(of: mocking("pcall(expect(1).equals, 2) error('no')")) == nil)
  }

  @Test func `a reload with a text that does not load keeps the version before`() throws {
    let body = """
      sim:load("a.lua", [[every("1s", { name = "tick" }, function() end)]])
      local ok, why, code = sim:reload("every(")
      expect({ tostring(ok), why, code }):equals { "nil", "a.lua:1: unexpected symbol near <eof>", "syntax" }
      sim:advance("3s")
      expect(sim:runs("tick")):has_length(3)
      """
    #expect(try Self.failure(of: body) == nil)
  }

  private static func failure(of body: String) throws -> RunFailure? {
    let folder = try TemporaryFolder()
    let text = "local own = job('own', { run = print })\ntest('t', function(sim)\n\(body)\nend)"
    try folder.write("a_test.lua", text)
    let tests = try ScriptTests(path: "\(folder.path)/a_test.lua", root: folder.path)
    return try #require(tests.all.first).run()
  }
}
