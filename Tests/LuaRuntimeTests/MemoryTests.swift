import LuaRuntime
import Testing

/// The cap on the memory of an isolate.
@Suite struct MemoryTests {
  static let hogs = [
    "local t = {} for i = 1, math.huge do t[i] = {} end",
    "local t = {} for i = 1, math.huge do t[i] = i end",
    "local t = {} for i = 1, math.huge do t['k' .. i] = i end",
    "local t = {} for i = 1, math.huge do t[i] = ('x'):rep(i) end",
    "local t = {} for i = 1, math.huge do t[i] = function() return i end end",
    "local t = {} for i = 1, math.huge do t[i] = coroutine.create(function() end) end",
    "local t = {} for i = 1, math.huge do t[i] = coroutine.wrap(sleep) end",
    "local s = 'x' while true do s = s .. s end",
    "return ('x'):rep(1e9)", "return ('x'):rep(1e15)", "return ('x'):rep(1e6, ('y'):rep(1e6))",
    "local t = {} for i = 1, 1e5 do t[i] = ('x'):rep(1000) end",
    "local s = ('x'):rep(1e6) local t = {} for i = 1, 1000 do t[i] = s end return table.concat(t)",
    "local s = ('x'):rep(1e6) return (s:gsub('x', s))",
    "return string.format('%s', ('x'):rep(5e6)):rep(100)",
    "return string.pack('!16 s8', ('x'):rep(1e7))",
    "return table.pack(table.unpack({}, 1, 900000))",
    "local function f() return f() + 1 end return f()",
    "return assert(load(function() return 'x = 1; ' end))",
    "return assert(load('return {' .. ('{},'):rep(1e6) .. '}'))",
    "local t = setmetatable({}, {}) getmetatable(t).__concat = function(a, b) return a .. b end return t .. 1",
    "local co = coroutine.wrap(function() local t = {} while true do t[#t + 1] = {} end end) co()",
    "table.sort({ 2, 1 }, function(a, b) local t = {} while true do t[#t + 1] = {} end end)",
    "local t = {} for i = 1, math.huge do t[i] = utf8.char(i % 0x10000) .. i end",
  ]

  @Test(arguments: hogs)
  func `at the cap a script gets an error that it can catch, and goes on`(hog: String) throws {
    let bench = try Bench(limits: IsolateLimits(memory: 8 << 20))
    let neighbour = try Bench(limits: IsolateLimits(memory: 8 << 20))
    _ = try neighbour.run("data = {} for i = 1, 1000 do data[i] = { i } end")
    try bench.collect()
    let before = bench.isolate.memoryUsed
    let caught = "local ok, e = pcall(function() \(hog) end) hog = nil return tostring(e)"
    for _ in 0..<3 {
      let message = try bench.run(caught).text ?? ""
      #expect(
        message.hasSuffix("not enough memory") || message.hasSuffix("too large")
          || message.contains("stack overflow") || message.hasSuffix("too many results to unpack"),
        "\(message)")
      #expect(bench.isolate.memoryUsed <= 8 << 20)
      try bench.collect()
      #expect(bench.isolate.memoryUsed < before + (1 << 20), "memory comes back")
    }
    #expect(
      try neighbour.run("local n = 0 for i, d in ipairs(data) do n = n + d[1] end return n")
        == 500_500)
  }

  @Test(arguments: hogs)
  func `a script that does not catch it fails, and the next run does not`(hog: String) throws {
    let bench = try Bench(limits: IsolateLimits(memory: 4 << 20))
    guard case .failed = try bench.load(hog) else {
      Issue.record("not failed")
      return
    }
    #expect(try bench.run("local t = {} for i = 1, 10000 do t[i] = i end return #t") == 10_000)
  }

  @Test func `a full isolate refuses runs and host calls in good order`() throws {
    let bench = try Bench(limits: IsolateLimits(memory: 1 << 20))
    _ = try bench.run("keep('x', function(run) sleep(1) return echo({ 1, 'x', { run.id } }) end)")
    _ = try bench.load(
      "held = {} for size = 1000, 1, -100 do pcall(function() while true do held[#held + 1] = ('x'):rep(size) .. #held end end) end"
    )
    var refused = 0
    for _ in 0..<500 {
      switch bench.finish(bench.start(bench.callbacks[0], .arguments([1, 2, "three"]))) {
      case .refused(let why):
        #expect(why == "not enough memory")
        refused += 1
      case .failed(let failure):
        #expect(failure.message.contains("memory"))
        refused += 1
      case .finished: break
      case let other: Issue.record("\(other)")
      }
    }
    _ = try bench.load("held = nil")
    try bench.collect()
    guard case .finished(let value) = bench.finish(bench.start(bench.callbacks[0])) else {
      Issue.record("does not recover after \(refused) refusals")
      return
    }
    #expect(value[2] == "x")
  }

  @Test func `every cap from none to enough gives an isolate or an error`() throws {
    var made = 0
    for kilobytes in 0..<300 {
      do {
        let bench = try Bench(limits: IsolateLimits(memory: kilobytes << 10))
        _ = try bench.load("local t = {} while true do t[#t + 1] = {} end")
        made += 1
      } catch let error as IsolateError {
        #expect(!error.message.isEmpty)
      }
    }
    #expect(made > 100)
  }

  @Test func `a million runs of an empty callback keep memory flat`() throws {
    let bench = try Bench()
    _ = try bench.run("keep('x', function() end)")
    var used: [Int] = []
    for _ in 0..<10 {
      for _ in 0..<100_000 {
        guard case .finished = bench.start(bench.callbacks[0]) else {
          Issue.record("not finished")
          return
        }
      }
      used.append(bench.isolate.memoryUsed)
    }
    #expect(used[9] <= used[0] + 1024, "\(used)")
  }

  @Test func `callbacks that are released are collected`() throws {
    let bench = try Bench()
    let script =
      "for i = 1, 1000 do local big = ('x'):rep(1000) .. i keep('x', function() return big end) end"
    try bench.collect()
    let before = bench.isolate.memoryUsed
    _ = try bench.run(script)
    #expect(bench.isolate.memoryUsed > before + 1_000_000)
    for callback in bench.callbacks { bench.isolate.release(callback) }
    try bench.collect()
    #expect(bench.isolate.memoryUsed < before + 100_000)
  }

  @Test(arguments: [
    "refuse('no', function() return big end)",
    "keep({ function() return big end, { coroutine.create(print) } })",
    "keep(function() return big end, coroutine.create(print))",
  ])
  func `callbacks of a call that raises are released`(call: String) throws {
    let bench = try Bench()
    try bench.collect()
    let before = bench.isolate.memoryUsed
    _ = try bench.run(
      "for i = 1, 1000 do local big = ('x'):rep(1000) .. i pcall(function() \(call) error() end) end"
    )
    for callback in bench.callbacks { bench.isolate.release(callback) }
    try bench.collect()
    #expect(bench.isolate.memoryUsed < before + 100_000)
  }

  /// Each span keeps one block, so what is free in them serves that size only: it has to count against the cap.
  @Test func `holes left in one size of block are not out of the cap`() throws {
    let bench = try Bench(limits: IsolateLimits(memory: 16 << 20))
    let filled = try bench.run(
      """
      local list, kept = {}, {}
      while collectgarbage('count') < 15000 do list[#list + 1] = ('x'):rep(470) .. #list end
      for i = 1, #list, 30 do kept[#kept + 1] = list[i] end
      list = nil
      local count = 0
      pcall(function()
        local other = {}
        while true do other[#other + 1] = ('x'):rep(300) .. #other count = count + 1 end
      end)
      return { #kept, count * 300 }
      """)
    let kept = try #require(filled[1]?.int)
    let second = try #require(filled[2]?.int)
    #expect(kept > 500 && second > 1 << 20 && second < 8 << 20, "\(second) bytes")
  }

  /// The stack is refused its next size while Lua moves it, or a new call is refused; which, depends on the cap.
  @Test(arguments: [8, 64])
  func `calls without end, again and again, are errors at any cap`(megabytes: Int) throws {
    let bench = try Bench(limits: IsolateLimits(memory: megabytes << 20))
    let script = """
      local function f() return f() + 1 end
      local kept = {}
      for round = 1, 2 do
        assert(not pcall(f))
        kept[round] = ("x"):rep(round * 1000)
        local ok = xpcall(f, function(m) return m end)
        assert(not ok)
        local co = coroutine.wrap(function() return f() end)
        assert(not pcall(co))
      end
      return "alive"
      """
    #expect(try bench.run(script) == "alive")
    guard case .failed(let failure) = try bench.load("local function f() return f() + 1 end f()")
    else {
      Issue.record("it did not fail")
      return
    }
    #expect(failure.message.contains("overflow") || failure.message.contains("memory"))
    #expect(failure.message.hasPrefix("script.lua:"), "\(failure.message)")
  }
}
