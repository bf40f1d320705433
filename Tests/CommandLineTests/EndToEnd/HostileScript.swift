import SystemCalls
import Testing

/// A script that wants a simulation never to end.
struct HostileScript: CustomTestStringConvertible, Sendable {
  let name: String
  let text: String

  var testDescription: String { name }

  private init(_ name: String, _ text: String) {
    self.name = name
    self.text = text
  }

  /// With a body that takes no virtual time to begin, and a long timeout.
  private static func callback(_ name: String, _ body: String) -> HostileScript {
    HostileScript(
      name, "every(\"1s\", { name = \"j\", timeout = \"1000h\" }, function(run)\n\(body)\nend)")
  }

  /// Those that run one by one: each fifth, and all of them with MOONWHEEL_HOSTILE=all.
  static var oneByOne: [HostileScript] {
    if Environment.value(of: "MOONWHEEL_HOSTILE") == "all" { return all }
    return stride(from: 0, to: all.count, by: 5).map { all[$0] }
  }

  static let all: [HostileScript] = [
    HostileScript("a loop in the script", "while true do end"),
    HostileScript(
      "a loop of C calls in the script",
      "while true do (\"\"):rep(200000000) for i = 1, 1000 do end end"),
    HostileScript("a body that registers jobs", "while true do every(\"1s\", function() end) end"),
    HostileScript(
      "a loop in a module that load made",
      "load('while true do pcall(load, \"while true do end\") end')()"),
    callback("a loop in a callback", "while true do end"),
    callback("a loop that catches", "while true do pcall(function() while true do end end) end"),
    callback("a C call without end", "(\"\"):rep(1 << 60)"),
    callback(
      "C calls that each end", "while true do (\"\"):rep(200000000) for i = 1, 1000 do end end"),
    callback(
      "a pattern that backtracks", "local s = (\"a\"):rep(40000) s:find((\".-\"):rep(30) .. \"b\")"),
    callback(
      "patterns that backtrack, each for a while",
      "local s = (\"a\"):rep(3000) while true do s:find(\".-.-b\") for i = 1, 1000 do end end"),
    callback(
      "a chain of string.rep",
      "local s = \"x\" while true do s = s:rep(2) if #s > 1e7 then s = \"x\" end end"),
    callback("table.move without end", "table.move({}, 1, 1 << 60, 2)"),
    callback(
      "a comparator that computes",
      "local t = {} for i = 1, 1000 do t[i] = i end while true do pcall(table.sort, t, function(a, b) for i = 1, 10000 do end return a < b end) end"
    ),
    callback(
      "a sorted list without end",
      "table.sort(setmetatable({}, { __len = function() return 1 << 30 end, __index = function(_, i) return -i end, __newindex = function() end }))"
    ),
    callback(
      "a close that loops",
      "local c <close> = setmetatable({}, { __close = function() while true do end end }) while true do end"
    ),
    callback(
      "a close that sleeps for ever",
      "local c <close> = setmetatable({}, { __close = function() while true do sleep(\"1ms\") end end }) sleep(\"1000h\")"
    ),
    callback(
      "coroutines of C functions", "while true do coroutine.wrap(string.rep)(\"\", 30000000) end"),
    callback(
      "coroutines without end",
      "while true do coroutine.wrap(function() coroutine.yield() end)() end"),
    callback("a wait in a loop", "while true do wait(\"never\", \"1ms\") end"),
    callback("a sleep in a loop", "while true do sleep(\"1ms\") end"),
    callback("calls of the host", "while true do now() scheduler.next(\"every 1h\") end"),
    callback("a log without end", "while true do log.info((\"x\"):rep(1000)) end"),
    HostileScript("a fire each millisecond", "every(\"1ms\", function() end)"),
    HostileScript(
      "a storm of events",
      "on(\"ping\", { overlap = \"allow\" }, function() emit(\"ping\") emit(\"ping\") end)\nevery(\"1ms\", function() emit(\"ping\") end)"
    ),
    HostileScript(
      "jobs that register jobs",
      "local function more() for i = 1, 10 do after(\"1ms\", more) end end\nafter(\"1ms\", more)"),
    HostileScript(
      "jobs that trigger each other",
      """
      local a, b
      a = job("a", { run = function() b:trigger() end })
      b = job("b", { run = function() a:trigger() end })
      after("1ms", function() a:trigger() end)
      """),
    HostileScript(
      "a trigger function that loops",
      "trigger(function() while true do end end, { name = \"j\" }, function() end)"),
    HostileScript(
      "a trigger function without progress",
      "trigger(function(t) return t + 1e-6 end, { name = \"j\" }, function() end)"),
    HostileScript(
      "a retry without end",
      "every(\"1s\", { retry = { max = 1000000, from = \"1ms\", factor = 1 } }, function() error(\"x\") end)"
    ),
    HostileScript(
      "a private isolate for each fire", "every(\"1ms\", { isolate = \"run\" }, function() end)"),
  ]

  /// Tests, which are hostile by themselves.
  static let tests: [HostileScript] = [
    HostileScript("a loop in a test", "test(\"t\", function(sim) while true do end end)"),
    HostileScript(
      "a test of C calls",
      "test(\"t\", function(sim) while true do (\"\"):rep(200000000) for i = 1, 1000 do end end end)"
    ),
    HostileScript(
      "a test that catches",
      "test(\"t\", function(sim) while true do pcall(function() sim:advance(\"1000h\") end) end end)\nevery(\"1ms\", function() end)"
    ),
    HostileScript(
      "a test that goes on for ever",
      "test(\"t\", function(sim) while true do sim:advance(\"1h\") end end)"),
    HostileScript(
      "a mock that loops",
      """
      test("t", function(sim)
        sim:mock("x.y", function() while true do end end)
        sim:load("a.lua", [[every("1s", function() x.y() end)]])
        sim:advance("1000h")
      end)
      """),
    HostileScript(
      "a hundred tests",
      "for i = 1, 100 do test(\"t\" .. i, function(sim) sim:load(\"a.lua\", [[every('1ms', function() end)]]) sim:advance(\"1000h\") end) end"
    ),
  ]

  /// A test file that loads the script under test.
  var asTest: String {
    "test(\"t\", function(sim) sim:load(\"hostile.lua\") sim:advance(\"1000h\") end)"
  }
}
