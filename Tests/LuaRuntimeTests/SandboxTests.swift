import LuaRuntime
import MoonwheelModel
import Stdlib
import Testing

/// Ways out that a script might try.
@Suite struct SandboxTests {
  @Test(arguments: [
    "io.open", "io.popen", "io.lines", "io.stdout", "os.execute", "os.remove", "os.exit",
    "os.rename", "os.tmpname",
    "os.setlocale", "dofile", "loadfile", "loadstring", "package.loadlib", "package.cpath",
    "package.searchers",
    "package.preload", "string.dump", "debug.getinfo", "debug.sethook", "debug.getregistry",
    "debug.getmetatable",
    "debug.setmetatable", "debug.getupvalue", "debug.setupvalue", "debug.upvaluejoin",
    "debug.getlocal", "debug.debug",
    "collectgarbage('count') and nil", "warn", "host", "getmetatable(_G)", "('').dump",
    "_ENV.dofile",
    "package.loaded.debug", "package.loaded.package", "package.loaded._G.loadfile",
  ])
  func `what is not listed is not there`(expression: String) throws {
    let bench = try Self.stock()
    let script =
      "local ok, value = pcall(function() return \(expression) end) return ok and value or nil"
    let value = try bench.run(script)
    #expect(value == .nil || value == false)
  }

  /// "\u{1B}Lua" and the header of 5.4, then nothing that is a function.
  private static let bytecode =
    "'\\27LuaT\\0\\x19\\x93\\r\\n\\x1a\\n\\4\\8\\8xV\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0(w@\\1\\0'"

  @Test(arguments: [
    "load(\(bytecode))", "load(\(bytecode), 'x', 't')", "load(\(bytecode), 'x', 'bt')",
    "load(\(bytecode), 'x', 'b')", "load(\(bytecode), 'x', 'b', {})",
    "load(\(bytecode), 'x', nil, {})",
    "(function() local s = \(bytecode) return load(function() local c = s s = nil return c end, 'x', 'bt') end)()",
    "(function() local s, i = \(bytecode), 0 return load(function() i = i + 1 return s:sub(i, i) end) end)()",
    "load('\\27')", "load(function() return nil end) and nil",
  ])
  func `bytecode is refused in every mode and through a reader`(expression: String) throws {
    let bench = try Self.stock()
    #expect(
      try bench.run(
        "local ok, f = pcall(function() return (\(expression)) end) return type(ok and f or nil)")
        == "nil")
  }

  @Test(arguments: [
    "return setmetatable({}, { __gc = function() end })",
    "local m = {} rawset(m, '__gc', 1) return setmetatable({}, m)",
    "return setmetatable({}, setmetatable({ __gc = print }, { __index = function() end }))",
    "local m = {} setmetatable({}, m) m.__gc = print return setmetatable({}, m)",
    "return setmetatable(_G, {})", "return setmetatable(jobs, {})", "return setmetatable('', {})",
    "return setmetatable({}, 1)", "setmetatable(setmetatable({}, { __metatable = 1 }), {})",
    "getmetatable('').__index = {}", "getmetatable('').__add = 1", "getmetatable(cancel).x = 1",
    "cancel.x = 1", "cancel()", "jobs.x = 1", "return cancel.__metatable", "return #cancel",
  ])
  func `a metatable that is ours, or that finalizes, is refused`(script: String) throws {
    let bench = try Self.stock()
    #expect(!failure { try bench.run(script) }.hasPrefix("no error"))
  }

  @Test func `a finalizer that is added later never runs`() throws {
    let bench = try Bench()
    let script = """
      local meta = {}
      for _ = 1, 1000 do setmetatable({}, meta) end
      meta.__gc = function() finalized = true end
      for _ = 1, 3 do repeat until collectgarbage("step") end
      return finalized
      """
    #expect(try bench.run(script) == .nil)
  }

  @Test func `the collector can be counted and stepped, nothing else`() throws {
    let bench = try Bench()
    for option in ["stop", "restart", "incremental", "generational", "setpause", "isrunning"] {
      #expect(failure { try bench.run("collectgarbage('\(option)')") }.contains("invalid option"))
    }
    #expect(try bench.run("return math.type(collectgarbage('count'))") == "float")
  }

  /// Everything that a script can reach and replace.
  private static let vandal = """
    local error, ipairs, next, rawset = error, ipairs, next, rawset
    local function bad() error("vandal", 0) end
    for k in next, package.loaded do package.loaded[k] = bad end
    for _, library in ipairs { string, table, math, utf8, coroutine, os, io, debug, log, package } do
      for k in next, library do rawset(library, k, bad) end
    end
    for _, k in ipairs {
      "print", "tostring", "type", "error", "select", "setmetatable", "getmetatable", "pcall", "xpcall", "ipairs", "pairs",
      "next", "load", "require", "rawget", "rawset", "assert", "tonumber", "sleep", "emit", "now", "jobs", "every", "job",
    } do rawset(_G, k, bad) end
    """

  @Test func `words of ours work for a script that has replaced all it can reach`() throws {
    let bench = try Self.stock()
    let script = """
      local print, write, info, tb, require, os, tostring = print, io.write, log.info, debug.traceback, require, os, tostring
      local type, format = type, string.format
      \(Self.vandal)
      print(1, nil, true, "x") write("a", 2) info("message", { n = 1 })
      local text = tb("here")
      return { text }
      """
    let value = try bench.run(script)
    #expect(value[1]?.text?.hasPrefix("here\nstack traceback:") == true)
    #expect(bench.taken.map { $0.first ?? .nil } == ["1\tnil\ttrue\tx", "a2", "info"])
    #expect(try Self.stock().run("return tostring(1) .. type(print)") == "1function")
  }

  @Test(arguments: [
    (
      "print(setmetatable({}, { __tostring = function() return {} end }))",
      "'__tostring' must return a string"
    ),
    (
      "print(setmetatable({}, { __tostring = function() error('mine') end }))", "script.lua:1: mine"
    ),
    ("io.write({})", "script.lua:1: bad argument #1 to 'write' (string expected, got table)"),
    (
      "return os.getpid",
      "script.lua:1: os.getpid is not available to scripts; there are os.time, os.date, os.clock and os.difftime"
    ),
    ("return io.open", "script.lua:1: io.open is not available to scripts; there is io.write"),
    ("return sql", "script.lua:1: 'sql' is not there yet in this version of Moonwheel"),
    (
      "jobs.x = 1",
      "script.lua:1: jobs cannot be written to: register a job with every, cron, at, after, on or job"
    ),
    (
      "return os[setmetatable({}, { __tostring = function() return {} end })]",
      "'__tostring' must return a string"
    ),
    ("require(1)", "script.lua:1: require takes the name of a module, not a number"),
    (
      "cancel()",
      "script.lua:1: cancel is not a function: write `return cancel` at the end of a callback"
    ),
    ("package = nil print = nil local m = require('no.such')", "script.lua:1: no module"),
  ])
  func `errors of our words name the script's line, never ours`(script: String, message: String)
    throws
  {
    #expect(failure { try Self.stock().run(script) } == message)
  }

  @Test func `an absent name is still nil`() throws {
    #expect(try Self.stock().run("return nosuch == nil and _G[1] == nil and _G.x == nil") == true)
  }

  /// Were it run inside the section that locks libc, nothing could end it.
  @Test func `os-time reads and writes a date as stock Lua, with metamethods outside of libc`()
    throws
  {
    let bench = try Bench()
    let script = """
      local read, written = {}, {}
      local fields = { year = 2020, month = 14, day = 1, hour = 12 }
      local date = setmetatable({}, {
        __index = function(_, k) echo(k) read[#read + 1] = k return fields[k] end,
        __newindex = function(_, k, v) written[k] = v end,
      })
      local time = os.time(date)
      local parked = pcall(os.time, setmetatable({}, { __index = function() sleep(1) end }))
      return { time == os.time { year = 2021, month = 2, day = 1, hour = 12 }, written.month, written.year, written.yday, parked }
      """
    #expect(try bench.run(script) == [true, 2, 2021, 32, false])
  }

  @Test func `a format of a date has a length that libc is soon through with`() throws {
    #expect(
      failure { try Bench().run("os.date(('%c'):rep(1e6))") }.contains("longer than 4096 bytes"))
    #expect(try Bench().run("return #os.date(('%Y'):rep(2048))") == 8192)
  }

  @Test func `an iterator of gmatch that raised is dead`() throws {
    let script = """
      local next = (("x"):rep(300)):gmatch(("x?"):rep(250))
      local texts = {}
      for i = 1, 1000 do texts[i] = select(2, pcall(next)) end
      return { texts[1], texts[2], texts[1000] }
      """
    #expect(
      try Bench().run(script) == [
        "pattern too complex", "this gmatch iterator has raised an error and cannot be used again",
        "this gmatch iterator has raised an error and cannot be used again",
      ])
  }

  @Test func `scripts of one isolate cannot hide from the host under our name`() throws {
    let bench = try Self.stock()
    #expect(failure { try bench.run("load('error(1 .. \"\")', '=moonwheel')()") } == "(load):1: 1")
  }

  /// An isolate with the real prelude.
  private static func stock() throws -> StockBench { try StockBench() }
}

/// As ``Bench``, with the prelude of the product over functions that record.
final class StockBench: IsolateHost {
  let isolate: Isolate
  private(set) var taken: [[Value]] = []

  private static let names = [
    "print", "log", "find_module", "module_begin", "module_end", "check_trigger", "register",
    "emit",
    "sleep", "wait", "now", "date", "defaults", "jobs", "job_named", "job_get", "run_get", "pause",
    "unpause",
  ]

  init() throws {
    let prelude = Stdlib.prelude
    isolate = try Isolate(
      limits: IsolateLimits(),
      functions: Self.names.map { HostFunctionSignature("host.\($0)", acceptsCallbacks: true) },
      preludes: [prelude])
    isolate.host = self
  }

  func call(_ function: Int, _ arguments: HostArguments, coroutine: UInt32) -> HostReply {
    let arguments = arguments.values
    if function == 2 { return .raise("no module") }
    if function == 3 { return .value(true) }
    taken.append(arguments)
    return .nothing
  }

  func run(_ text: String) throws -> Value {
    let chunk = try isolate.compile(Array(text.utf8), name: "script.lua")
    switch isolate.run(chunk) {
    case .finished(let value): return value
    case .failed(let failure): throw failure
    case let other: throw Unexpected(outcome: "\(other)")
    }
  }
}
