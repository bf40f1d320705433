import LuaRuntime
import MoonwheelModel
import Testing

/// What becomes of an error that leaves a script.
@Suite struct ErrorTests {
  static let messages: [(String, String)] = [
    ("error('x')", "script.lua:1: x"), ("error('x', 0)", "x"), ("error(42)", "42"),
    ("error(1.5)", "1.5"), ("error(-0.0)", "-0.0"), ("error(1e15)", "1e+15"), ("error(3.0)", "3.0"),
    ("error(-1/0)", "-inf"),
    ("error(2^63)", "9.2233720368548e+18"),
    ("error()", "(error object is a nil value)"), ("error(nil)", "(error object is a nil value)"),
    ("error(true)", "(error object is a boolean value)"),
    ("error(print)", "(error object is a function value)"),
    ("error({})", "(error object is a table without a message)"),
    ("error({ message = 'm', code = 'c' })", "m"), ("error({ msg = 'm' })", "m"),
    ("error({ code = 7, retry = false, [1] = 'x' })", "{ [1] = \"x\", code = 7, retry = false }"),
    ("error({ 'x', { {} } })", "{ \"x\", { {} } }"),
    ("error({ { { { 1 } } } })", "{ { { {...} } } }"),
    ("error({ message = {} })", "{ message = {} }"),
    ("error({ f = print })", "(error object is a table without a message)"),
    ("error({ message = '', code = 1 })", ""),
    ("error(setmetatable({}, { __tostring = function(e) return 'its own' end }))", "its own"),
    (
      "error(setmetatable({ message = 'm' }, { __tostring = function(e) return e.message .. '!' end }))",
      "m!"
    ),
    (
      "error(setmetatable({ message = 'm' }, { __tostring = function() sleep(1) return 'late' end }))",
      "late"
    ),
    ("error(setmetatable({ message = 'm' }, { __tostring = function() error('x') end }))", "m"),
    ("error(setmetatable({ message = 'm' }, { __tostring = function() return {} end }))", "m"),
    ("error(setmetatable({ message = 'm' }, { __tostring = 5 }))", "m"),
    (
      "error(setmetatable({}, { __index = function() error('ran') end, __name = 'ran' }))",
      "(error object is a table without a message)"
    ),
    ("error('\\xff', 0)", "\u{FFFD}"),
    ("local t = nil\nreturn t.x", "script.lua:2: attempt to index a nil value (local 't')"),
    ("nosuch()", "script.lua:1: attempt to call a nil value (global 'nosuch')"),
    ("return 1 < 'x'", "script.lua:1: attempt to compare number with string"),
    ("return 2^53 | 1.5", "script.lua:1: number has no integer representation"),
    ("string.rep()", "script.lua:1: bad argument #1 to 'rep' (string expected, got no value)"),
    (
      "os.date('%Ez')",
      "script.lua:1: bad argument #1 to 'os.date' (invalid conversion specifier '%Ez')"
    ),
    ("os.time({ year = 1 })", "script.lua:1: field 'month' missing in date table"),
    (
      "string.gmatch()", "script.lua:1: bad argument #1 to 'gmatch' (string expected, got no value)"
    ),
    ("\nfor _ in ('x'):gmatch('[') do end", "script.lua:2: malformed pattern (missing ']')"),
    ("refuse('no')", "script.lua:1: no"), ("\ncall(refuse, 'no')", "script.lua:2: no"),
    (
      "local x <close> = setmetatable({}, { __close = function() error('later', 0) end }) error('first')",
      "later"
    ),
    ("assert(false)", "script.lua:1: assertion failed!"),
    ("assert(nil, 'why')", "script.lua:1: why"),
    ("coroutine.wrap(function() error('deep') end)()", "script.lua:1: script.lua:1: deep"),
    (
      "error(setmetatable({}, { __gc = 1 }))",
      "script.lua:1: __gc is not available to scripts; use a <close> variable"
    ),
  ]

  @Test(arguments: messages)
  func `an error has the text that the script gave it`(lua: String, message: String) throws {
    let bench = try Bench()
    #expect(failure { try bench.run(lua) } == message)
    #expect(try bench.run("return 1") == 1)
  }

  static let data: [(String, Value)] = [
    ("error('x')", .nil), ("error(5)", .nil), ("error(print)", .nil), ("error({})", []),
    ("error({ code = 'E1', retry = false })", ["code": "E1", "retry": false]),
    ("error({ 1, { 2 } })", [1, [2]]), ("error({ f = print })", .nil),
    ("local t = {} t.t = t error(t)", .nil),
    ("error(setmetatable({ a = 1 }, { __index = error, __pairs = error }))", ["a": 1]),
    (
      "error(setmetatable({ a = 1 }, { __tostring = function() sleep(1) return 'x' end }))",
      ["a": 1]
    ),
    ("local t = {} for i = 1, 200 do t = { t } end error(t)", .nil),
    ("error({ ('x'):rep(2 ^ 21) })", .nil),
  ]

  @Test(arguments: data)
  func `a table that is raised is kept as data, where it can be copied`(lua: String, data: Value)
    throws
  {
    let bench = try Bench()
    guard case .failed(let failure) = bench.finish(try bench.load(lua)) else {
      Issue.record("not failed")
      return
    }
    #expect(failure.data == data)
  }

  @Test func `a long table is cut in the message`() throws {
    let message = failure { try Bench().run("error({ ('x'):rep(1000), 2 })") }
    #expect(message.utf8.count < 250 && message.hasPrefix("{ \"xxx") && message.hasSuffix("..."))
  }

  @Test(arguments: [
    "local function f() return f() + 1 end f()",
    "local t = {} function t.f() t.f() return 1 end t.f()",
    "local function f(...) return f(1, ...) + 1 end f()",
    "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k + 1] .. 'x' end return t[1]",
  ])
  func `calls without end are a stack overflow with a place and a traceback`(lua: String) throws {
    guard case .failed(let failure) = try Bench().load(lua) else {
      Issue.record("not failed")
      return
    }
    #expect(failure.message.contains("stack overflow"), "\(failure.message)")
    #expect(failure.message.hasPrefix("script.lua:1: "))
    #expect(failure.traceback.contains("..."), "\(failure.traceback)")
  }

  @Test func `memory that a shallow stack lacks is no stack overflow`() throws {
    let script = "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end"
    let message = failure { try Bench(limits: IsolateLimits(memory: 4 << 20)).run(script) }
    #expect(message.contains("not enough memory"))
    let both = "pcall(function() local function f() return f() + 1 end f() end) " + script
    #expect(failure { try Bench().run(both) }.contains("not enough memory"))
  }

  @Test func `a traceback names the script's lines and hides ours`() throws {
    let bench = try Bench()
    let script = """
      local function inner() error("x") end
      local function outer()
        call(inner)
      end
      outer()
      """
    guard case .failed(let failure) = try bench.load(script, name: "jobs/a.lua") else {
      Issue.record("not failed")
      return
    }
    #expect(
      failure.traceback == """
        stack traceback:
        \t[C]: in global 'error'
        \tjobs/a.lua:1: in function <jobs/a.lua:1>
        \tjobs/a.lua:3: in local 'outer'
        \tjobs/a.lua:5: in main chunk
        """)
  }

  @Test func `the traceback of a deep stack is short`() throws {
    let script = "local function f(n) if n == 0 then error('x') end f(n - 1) return 1 end f(10000)"
    guard case .failed(let failure) = try Bench().load(script) else {
      Issue.record("not failed")
      return
    }
    #expect(failure.traceback.split(separator: "\n").count < 40)
  }

  @Test func `a script cannot make its frames look like ours`() throws {
    let bench = try Bench()
    let script = "load('keep(1, 2) error(\"x\")', '=moonwheel')()"
    guard case .failed(let failure) = try bench.load(script) else {
      Issue.record("not failed")
      return
    }
    #expect(failure.message == "(load):1: x")
    #expect(failure.traceback.contains("(load):1: in"))
    #expect(bench.callers == ["(load):1"])
  }

  @Test(arguments: [
    "xpcall(error, function() error('again') end)",
    "xpcall(error, function() error() end, nil)",
    "xpcall(function() local function f() return f() .. 'x' end f() end, function(m) local function f() return f() .. m end f() end)",
    "pcall(error, setmetatable({}, { __index = error, __tostring = error, __close = error }))",
    "pcall(coroutine.wrap(function() error(setmetatable({}, { __tostring = error })) end))",
    "pcall(function() local x <close> = setmetatable({}, { __close = error }) error(x) end)",
    "pcall(function() local x <close> = 42 end)",
    "for i = 1, 100 do pcall(function() local a <close> = setmetatable({}, { __close = function() error(i) end }) error() end) end",
    "pcall(string.format, '%s', setmetatable({}, { __tostring = function() return 1 end }))",
    "pcall(string.format, '%s', setmetatable({}, { __name = 1 }))",
    "pcall(print, setmetatable({}, { __tostring = function() error() end }))",
    "pcall(next, {}, 'nokey')", "pcall(setmetatable, 1, {})", "pcall(rawset, 'x', 1, 1)",
    "pcall(select, -1)", "pcall(table.unpack, {}, 1, 1e8)", "pcall(string.char, 256)",
    "pcall(utf8.char, -1)", "pcall(utf8.codepoint, '\\xff')", "pcall(table.concat, { {} })",
    "pcall(table.insert, { 1 }, 5, 1)", "pcall(string.pack, 'i17', 1)", "pcall(math.random, 2, 1)",
    "pcall(load, 'return 1', ('n'):rep(1000000))", "load('error(1)', '@' .. ('n'):rep(1000000))",
    "load('x = = 1', ('\\n'):rep(100000))", "load(('x'):rep(1000000))", "load(('\\0'):rep(100000))",
    "load('return ' .. ('('):rep(100000))", "load(('a='):rep(100000))",
    "load('return ' .. ('{'):rep(100000))",
    "load('return ' .. ('not '):rep(100000) .. 'x')",
    "load('return ' .. ('a.b'):rep(100000, '..'))",
    "load(('do '):rep(100000))", "load(('function f() '):rep(100000))",
    "load(('while 1 do '):rep(100000))",
    "load('local ' .. ('a,'):rep(300) .. 'a')", "load('goto x')", "load('::x:: ::x::')",
    "load('break')",
    "load('return ' .. ('x,'):rep(300) .. 'x')", "load('f(' .. ('x,'):rep(300) .. 'x)')",
    "load('local x <const> = 1; x = 2')", "load('local _ENV <const> = {}; X = 1; return X')()",
    "local f = load('local _ENV <const> = {}; function f() Y = 1 return Y end return f()') f()",
    "load('local a <const> = 5 return a | 1.5 & a ~ 2')",
  ])
  func `a hostile error or text is an error of its script at most`(script: String) throws {
    let bench = try Bench()
    _ = try bench.load(script)
    #expect(try bench.run("return 'goes on'") == "goes on")
  }
}
