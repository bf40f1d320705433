import Layers
import Logging
import LuaRuntime
import MoonwheelTesting
import Testing

@testable import Moonwheel
@testable import MoonwheelModel
@testable import ScriptHost

/// A log line never fails the run that logs it.
@Suite struct LogLineTests {
  /// Statements, and what they log: the message, and the fields as text.
  private static let lines: [(text: String, message: String, fields: Value)] = [
    ("log.info('ip %s', '::1')", "ip ::1", nil),
    ("log.info('%s took %.1f s', 'x', 1.25)", "x took 1.2 s", nil),
    ("log.info('ip', '::1', 7)", "ip\t::1\t7", nil),
    ("log.info('%d rows', 'many')", "%d rows\tmany", nil),
    ("log.info('%s', 1, 2, nil)", "1\t2", nil),
    ("log.info('%s and %s', 1)", "%s and %s\t1", nil),
    ("log.info('ip %s', nil)", "ip nil", nil),
    ("log.info('100%', nil)", "100%", nil),
    ("log.info('100% done')", "100% done", nil),
    ("log.info('100% done', { n = 1 })", "100% done", ["n": 1]),
    ("log.info('%s%%', 5, { n = 1 })", "5%", ["n": 1]),
    ("log.info('at %s', every('5m'))", "at every 5m", nil),
    ("log.info('is %s', true)", "is true", nil),
    ("log.info('x', 5)", "x\t5", nil),
    ("log.info('x', { f = print ~= nil, g = { 1 } })", "x", ["f": true, "g": [1]]),
    ("local t = { n = 1 } t.t = t log.info('x', t)", "x", ["n": 1, "t": "(contains itself)"]),
    (
      "log.info('x', { j = jobs.j, f = setmetatable({}, { __tostring = error }), print = 1 })", "x",
      nil
    ),
    ("log.info({ 1, 'a', k = { true } }, { n = 1 })", "{1, \"a\", k = {true}}", ["n": 1]),
    ("log.info(nil)", "nil", nil),
    ("log.info()", "nil", nil),
    (
      "log.info(setmetatable({}, { __tostring = function() error('x') end }))",
      "(a table without a text)", nil
    ),
    (
      "log.info(setmetatable({}, { __tostring = function() return {} end }), 1)",
      "(a table without a text)\t1", nil
    ),
    ("log.warning('w %d', 3)", "w 3", nil),
    ("log.critical('c')", "c", nil),
    (
      "print({ b = 2, a = { 1, 2 }, ['x y'] = 'z\\n' }, 5)",
      "{a = {1, 2}, b = 2, [\"x y\"] = \"z\\n\"}\t5", nil
    ),
    ("local t = {} t.t = t print(t, {})", "{t = (contains itself)}\t{}", nil),
    ("print(every('5m'), nil, true)", "every 5m\tnil\ttrue", nil),
  ]

  @Test(arguments: lines)
  func `a line is logged whatever it is given`(text: String, message: String, fields: Value) throws
  {
    let single = try SingleScript("job('j', { run = function() \(text) return 1 end })")
    let end = try single.run("j")
    #expect(end.result == 1, "\(String(describing: end.failure?.message))")
    let line = try #require(end.details?.content.log.first)
    #expect(line.message == message)
    guard !text.contains("jobs.j") else { return }
    #expect(line.fields ?? .nil == fields)
  }

  @Test(arguments: [
    "log.error('x', { f = print, co = coroutine.create(print), [print] = 1, [{}] = 2 })",
    "local t = {} for i = 1, 300 do t = { t } end log.info('deep', t) print(t)",
    "log.info('large', { a = ('x'):rep(2000000) }) log.info(('x'):rep(2000000)) print(('x'):rep(2000000))",
    "local t = {} for i = 1, 300000 do t[i] = { i } end log.info('wide', t) print(t)",
    "log.info(print, print, print, { print })",
    "log.info(jobs.j, jobs.j) print(_G) log.info(_G)",
    "log.info(('%s'):rep(300), 1) log.info('%', 1) log.info('%q', {}) log.info('\\xff', '\\xff')",
    "local m = setmetatable({}, { __index = error, __len = error, __pairs = error, __tostring = error, __lt = error }) log.info(m, m, { m })",
    "table.sort({ 1, 2 }, function() log.info('x', { f = print }) print({}) end)",
    "coroutine.wrap(function() log.info('x', { f = print }) end)()",
    "local ok <close> = setmetatable({}, { __close = function() log.info('%s', 1, { f = print }) end })",
  ])
  func `no line fails its run`(text: String) throws {
    let single = try SingleScript("job('j', { run = function() \(text) return 1 end })")
    let end = try single.run("j")
    #expect(end.result == 1, "\(String(describing: end.failure?.message))")
    #expect(end.details?.content.log.isEmpty == false)
  }

  @Test func `what cannot be copied is named among the fields`() throws {
    let single = try SingleScript(
      "job('j', { run = function() log.info('x', { f = print, n = 1, [print] = 2, deep = { t = { print } } }) end })"
    )
    let fields = try #require(try single.run("j").details?.content.log.first?.fields)
    #expect(fields["n"] == 1)
    #expect(fields["f"]?.text?.hasPrefix("function: ") == true)
    #expect("\(fields["deep"] ?? .nil)".contains("function: "))
  }

  @Test func `an interrupt passes through a line that is logged`() throws {
    let single = try SingleScript(
      "job('j', { cpu = '100ms', timeout = false, run = function() while true do log.debug('x', { f = print }) end end })"
    )
    #expect(try single.run("j").outcome.status == .timedOut)
  }
}
