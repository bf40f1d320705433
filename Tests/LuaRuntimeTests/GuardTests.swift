import Glibc
import LuaRuntime
import MoonwheelModel
import Synchronization
import SystemCalls
import Testing
import WorkerPool

/// Work on what a script made happens within limits, on a thread whose turns can be ended.
@Suite(.serialized) struct GuardTests {
  /// Calls the body on an attached thread with a stack of so many bytes, and asks it to end its turn as the pool's watchdog does.
  private func onWorker<R: Sendable>(
    _ body: @escaping @Sendable () throws -> R
  ) throws -> R {
    let worker = Mutex<LuaWorker?>(nil)
    let ended = Condition<Result<R, any Error>?>(nil)
    let thread = try OSThread(name: "guarded", stackSize: 2 << 20) {
      let result = Result {
        let attached = try LuaWorker(signal: SIGURG)
        defer { attached.detach() }
        worker.withLock { $0 = attached }
        defer { worker.withLock { $0 = nil } }
        return try body()
      }
      ended.withLock { $0 = result }
      ended.broadcast()
    }
    while ended.wait(until: Clocks.monotonic() + 1_000_000, for: { $0 == nil ? nil : true }) == nil
    {
      worker.withLock { $0?.requestPreemption(at: Clocks.monotonic()) }
    }
    thread.join()
    return try #require(ended.withLock { $0 }).get()
  }

  private func run(_ script: String) throws -> Value {
    let bench = try Bench()
    return try bench.run(script)
  }

  private static let slowText = String(
    repeating: "do local function f() local x "
      + (0..<32_000).map { "::l\($0):: x=1" }.joined(separator: " ") + " end end ", count: 4)

  @Test(.timeLimit(.minutes(1)))
  func `compiling is ended at its limit of processor time`() throws {
    let text = Array(Self.slowText.utf8)
    let (isTooSlow, isDead, took) = try onWorker { () -> (Bool, Bool, Int64) in
      let bench = try Bench()
      let began = Clocks.threadCPU()
      do throws(IsolateError) {
        _ = try bench.isolate.compile(text, name: "slow.lua", within: 100_000_000)
        return (false, false, 0)
      } catch {
        return (error.isTooSlow, bench.isolate.isDead, Clocks.threadCPU() - began)
      }
    }
    #expect(isTooSlow && isDead)
    #expect(took < 1_000_000_000, "\(took / 1_000_000) ms")
  }

  @Test(.timeLimit(.minutes(1)))
  func `a text that compiles in time does not notice`() throws {
    let result = try onWorker { [self] in try run("return 6 * 7") }
    #expect(result == 42)
  }

  /// Lua describes how a function was called by what it was called with, which a script can make as long as it likes.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "local t = {} t.a = t t.f = sleep local deep = load('local t = ... ; t' .. ('.a'):rep(16000) .. '.f(1)') deep(t)",
      "local t = {} t.a = t t.f = sleep local deep = load('local t = ... ; return (t' .. ('[\"a\"]'):rep(16000) .. ').f(1)') deep(t)",
      "local names = {} for i = 1, 190 do names[i] = 'v' .. i end local deep = load('local sleep = ... local ' .. table.concat(names, ',') .. ' sleep(1)') deep(sleep)",
      "local function f(n) if n == 0 then sleep(1) else f(n - 1) end end f(15000)",
    ])
  func `a look at where a run waits ends, and harms nobody`(_ script: String) throws {
    let isAlive = try onWorker { () -> Bool in
      let bench = try Bench()
      guard case .parked(let coroutine, _) = try bench.load(script) else { return false }
      let traceback = bench.isolate.traceback(of: coroutine)
      guard !bench.isolate.isDead else { return true }
      bench.isolate.drop(coroutine)
      let answer = try bench.run("return 1")
      return traceback.contains("stack traceback") && answer == 1
    }
    #expect(isAlive)
  }

  /// The host's own functions are written for a stack of their own.
  @Test(.timeLimit(.minutes(1)))
  func `the host is not entered where too little C stack is left`() throws {
    let script = """
      local function nest(n, f)
        if n == 0 then return f() end
        local result
        local _ = ('x'):gsub('x', function() result = nest(n - 1, f) end)
        return result
      end
      local function call() return select(2, pcall(echo, 1)) end
      return { nest(0, call), nest(190, call) }
      """
    // The bridge wants 512 KiB for the host, and 190 nested calls of gsub take more than the rest.
    let result = try onStack(of: 640 << 10) { [self] in
      let attached = try LuaWorker(signal: SIGURG)
      defer { attached.detach() }
      return try run(script)
    }
    #expect(result[1] == 1)
    #expect(
      result[2]?.text?.contains("too little C stack is left to call echo") == true, "\(result)")
    let roomy = try onWorker { [self] in try run(script) }
    #expect(roomy[2] == 1)
  }

  /// The chain of closes counts its calls, so that it ends as an error long before the stack does.
  @Test(.timeLimit(.minutes(1)))
  func `a chain of closes that calls the host is an error at the most`() throws {
    let script = """
      local chain = {}
      for i = 400, 1, -1 do
        chain[i] = coroutine.create(function()
          local x <close> = setmetatable({}, { __close = function()
            echo(i)
            if chain[i + 1] then coroutine.close(chain[i + 1]) end
          end })
          coroutine.yield()
        end)
        coroutine.resume(chain[i])
      end
      pcall(coroutine.close, chain[1])
      return "alive"
      """
    let result = try onWorker { [self] in try run(script) }
    #expect(result == "alive")
  }
}

@Suite struct LinkedLuaTests {
  /// The three lines that a distribution's patch of 5.4.4 gets wrong.
  @Test func `a concatenation goes on with the stack that there is`() throws {
    guard LinkedLua.faults == nil else { return }  // said by the tests of the host
    let text = """
      local function rec(n) if n == 0 then return 0 end return 1 + rec(n - 1) end
      local o = setmetatable({}, { __concat = function() rec(2000) return "r" end })
      return "a" .. "b" .. o
      """
    #expect(try Bench().run(text) == "ar")
  }

  @Test func `faults are known of versions before 5.4.8 alone`() throws {
    let release = try #require(Int(LinkedLua.version.split(separator: ".")[2]))
    #expect(
      (LinkedLua.faults != nil) == (release < 8),
      "\(LinkedLua.version): \(LinkedLua.faults ?? "none")")
  }
}
