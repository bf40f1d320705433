import LuaRuntime
import MoonwheelModel
import Testing

/// Host functions that wait, from wherever a script calls them.
@Suite struct WaitingTests {
  @Test(arguments: [
    "return sleep(1)",
    "return coroutine.wrap(function() return sleep(1) end)()",
    "return coroutine.wrap(sleep)(1)",
    "return select(2, coroutine.resume(coroutine.create(sleep), 1))",
    "return select(2, pcall(sleep, 1))",
    "return select(2, pcall(pcall, pcall, sleep, 1)) and 'answer'",
    "return select(2, xpcall(sleep, print, 1))",
    "return setmetatable({}, { __index = function() return sleep(1) end }).x",
    "return setmetatable({}, { __call = function() return sleep(1) end })()",
    "return setmetatable({}, { __add = function() return sleep(1) end }) + 1",
    "return setmetatable({}, { __concat = function() return sleep(1) end }) .. 1",
    "return setmetatable({}, { __unm = sleep }) and -setmetatable({}, { __unm = function() return sleep(1) end })",
    "local t = setmetatable({}, { __newindex = function(t, k, v) rawset(t, k, sleep(v)) end }) t.x = 1 return t.x",
    "local a do local c <close> = setmetatable({}, { __close = function() a = sleep(1) end }) end return a",
    "for v in function(_, last) if not last then return sleep(1) end end do return v end",
    "for v in coroutine.wrap(function() coroutine.yield(sleep(1)) end) do return v end",
    "local f = load('return sleep(1)') return f()",
    """
    local function nest(n) if n == 0 then return sleep(1) end return coroutine.wrap(nest)(n - 1) end
    return nest(50)
    """,
    """
    local co = coroutine.create(function()
      local c <close> = setmetatable({}, { __close = function() end })
      return pcall(function() coroutine.yield(1) return coroutine.wrap(function() return sleep(1) end)() end)
    end)
    coroutine.resume(co)
    return select(3, coroutine.resume(co))
    """,
  ])
  func `a wait is passed out to the host and continues with its answer`(script: String) throws {
    let bench = try Bench()
    guard case .parked(let coroutine, _) = try bench.load(script) else {
      Issue.record("not parked")
      return
    }
    #expect(bench.parked == [coroutine])
    guard case .finished(let value) = bench.isolate.resume(coroutine, with: ["answer"]) else {
      Issue.record("not finished")
      return
    }
    #expect(value == "answer")
  }

  @Test(arguments: [
    "table.sort({ 2, 1 }, function(a, b) sleep(1) return a < b end)",
    "return (('x'):gsub('x', function() sleep(1) end))",
    "error(select(2, load(function() sleep(1) end)), 0)",
    "return tostring(setmetatable({}, { __tostring = function() sleep(1) end }))",
    "table.sort({ 2, 1 }, function(a, b) coroutine.wrap(function() sleep(1) end)() return a < b end)",
    "return (('x'):gsub('x', function() coroutine.wrap(function() coroutine.wrap(sleep)(1) end)() end))",
    """
    local co = coroutine.create(function()
      local c <close> = setmetatable({}, { __close = function() sleep(1) end })
      coroutine.yield()
    end)
    coroutine.resume(co)
    error(select(2, coroutine.close(co)), 0)
    """,
    "for _ in string.gmatch('x', 'x') do table.sort({ 2, 1 }, function() sleep(1) end) end",
    "xpcall(error, function() sleep(1) end)\nerror('cannot wait here', 0)",
  ])
  func `a wait inside a function of C is refused before the host hears of it`(script: String) throws
  {
    let bench = try Bench()
    let message = failure { try bench.run(script) }
    #expect(message.contains("cannot wait here"))
    #expect(bench.parked.isEmpty)
    #expect(try bench.run("sleep(1) return 'goes on'") == "goes on")
  }

  @Test func `the refusal names the place, the function and the reason`() throws {
    let message = failure {
      try Bench().run("table.sort({ 2, 1 }, function(a, b)\nsleep(1) end)", name: "jobs/a.lua")
    }
    #expect(
      message
        == "jobs/a.lua:2: sleep cannot wait here: inside a comparator, a string.gsub callback, the function of kv.update or another function that C calls"
    )
  }

  @Test func `an error of the host is raised where the script waits`() throws {
    let bench = try Bench()
    let script = """
      local ok, e = pcall(function()
        coroutine.wrap(function() sleep(1) end)()
      end)
      return e
      """
    guard case .parked(let coroutine, _) = try bench.load(script, name: "a.lua"),
      case .finished(let value) = bench.isolate.resume(coroutine, raising: "gone")
    else {
      Issue.record("not parked")
      return
    }
    #expect(value == "a.lua:2: a.lua:2: gone")
  }

  @Test func `siblings see a parked coroutine as normal and can neither resume nor close it`()
    throws
  {
    let bench = try Bench()
    guard
      case .parked(let first, _) = try bench.load(
        """
        run = coroutine.running()
        co = coroutine.create(function() sleep(1) return 'slept' end)
        generator = coroutine.wrap(function() sleep(1) coroutine.yield('first') end)
        local ok, value = coroutine.resume(co)
        return ok and value
        """)
    else {
      Issue.record("not parked")
      return
    }
    let look = """
      local texts = {}
      for _, c in ipairs { run, co } do
        local _, problem = coroutine.resume(c)
        local _, closing = pcall(coroutine.close, c)
        texts[#texts + 1] = table.concat({ coroutine.status(c), problem, closing }, '; ')
      end
      return texts
      """
    let refused: Value =
      "normal; cannot resume non-suspended coroutine; cannot close a normal coroutine"
    #expect(try bench.run(look) == .list([refused, refused]))
    guard case .finished(let value) = bench.isolate.resume(first, with: []) else {
      Issue.record("not finished")
      return
    }
    #expect(value == "slept")
    #expect(try bench.run("return coroutine.status(co) .. coroutine.status(run)") == "deaddead")
  }

  @Test func `a generator that is parked in one run is refused to another`() throws {
    let bench = try Bench()
    let outcome = try bench.load(
      "generator = coroutine.wrap(function() sleep(1) coroutine.yield('one') return 'two' end) return generator()"
    )
    let other = failure { try bench.run("return generator()", name: "b.lua") }
    #expect(other == "b.lua:1: cannot resume non-suspended coroutine")
    guard case .finished(let value) = bench.finish(outcome) else {
      Issue.record("not finished")
      return
    }
    #expect(value == "one")
    #expect(try bench.run("return generator()") == "two")
  }

  @Test func `only a run that is parked can be resumed`() throws {
    let bench = try Bench()
    for coroutine: UInt32 in [0, 1, 99, .max] {
      guard case .refused = bench.isolate.resume(coroutine, with: []) else {
        Issue.record("\(coroutine) was resumed")
        continue
      }
    }
  }

  @Test func `ten thousand runs wait at once, and each gets its own answer`() throws {
    let bench = try Bench(limits: IsolateLimits(coroutines: 10_000))
    _ = try bench.run(
      "sum = 0 keep('x', function(run) local n = sleep(1) sum = sum + n return n end)")
    let before = bench.isolate.memoryUsed
    let count = 10_000
    for _ in 0..<count { _ = bench.start(bench.callbacks[0]) }
    #expect(bench.parked.count == count && Set(bench.parked).count == count)
    guard case .refused(let why) = bench.start(bench.callbacks[0]) else {
      Issue.record("one too many was started")
      return
    }
    #expect(why == "too many runs under way in this script")
    #expect((bench.isolate.memoryUsed - before) / count < 2048, "bytes a waiting run")
    for (n, coroutine) in bench.parked.enumerated().reversed() {
      guard case .finished(let value) = bench.isolate.resume(coroutine, with: [.integer(Int64(n))])
      else {
        Issue.record("run \(n) did not finish")
        return
      }
      #expect(value == .integer(Int64(n)))
    }
    #expect(try bench.run("return sum") == .integer(Int64(count * (count - 1) / 2)))
  }

  @Test func `a coroutine is used again by the next run`() throws {
    let bench = try Bench()
    _ = try bench.run("keep('x', function() sleep(1) end)")
    for _ in 0..<10 { _ = bench.finish(bench.start(bench.callbacks[0])) }
    #expect(Set(bench.parked).count == 1)
  }

  @Test func `a coroutine that a script has got hold of runs no other callback`() throws {
    let bench = try Bench()
    _ = try bench.run(
      """
      held = {}
      keep('x', function() held[#held + 1] = coroutine.running() sleep(1) end)
      keep('y', function() return coroutine.status(held[1]) .. ' ' .. tostring(coroutine.running() == held[1]) end)
      """)
    for _ in 0..<3 { _ = bench.finish(bench.start(bench.callbacks[0])) }
    #expect(try bench.run("return held[1] ~= held[2] and held[2] ~= held[3]") == true)
    guard case .finished(let value) = bench.start(bench.callbacks[1]) else {
      Issue.record("not finished")
      return
    }
    #expect(value == "dead false")
    #expect(
      try bench.run("return select(2, coroutine.resume(held[1]))") == "cannot resume dead coroutine"
    )
  }
}
