import Foundation
import Layers
import LuaRuntime
import SystemCalls
import Testing
import WorkerPool

@testable import Moonwheel
@testable import SchedulerEngine
@testable import ScriptHost

extension SignalsTests {
  @Suite(.serialized) struct EvictionSignalsTests {
    /// Each of these leads to an eviction, at a random point of its work.
    private static let bombs = """
      local spin = function() while true do end end
      local closing = { __close = function() local s = "" while true do s = s .. "x" if #s > 5000 then s = "" end end end }
      local texts = {}
      for i = 1, 100 do texts[i] = ("text %d"):format(i):rep(i) end
      local bombs = {
        function() return (("a"):rep(math.random(40, 200))):find(("a-"):rep(math.random(30, 60)) .. "b") end,
        function() return string.rep("", 1e18 // 1 | 0) end,
        function() return table.move({}, 1, math.maxinteger - 1, 2) end,
        function() return table.insert(setmetatable({}, { __len = function() return math.maxinteger - 1 end }), 1, 1) end,
        function() return (("("):rep(math.random(100000, 1000000))):find("%b()") end,
        function() -- an allocation at each step, and a collection now and then
          return table.sort({ 3, 1, 2 }, function()
            local co = coroutine.create(function() local x <close> = setmetatable({}, closing) coroutine.yield() end)
            coroutine.resume(co)
            coroutine.close(co)
          end)
        end,
        function() return load((function() local i = 0 return function() i = i + 1 return i == 1 and (" "):rep(5e7) or nil end end)()) end,
        function() return (("x"):rep(1000000)):gsub("", texts[math.random(100)]) end,
      }
      every("5ms", { name = "bomb", timeout = { soft = "1ms", hard = "2ms" } }, function()
        local t = {}
        for i = 1, math.random(0, 500) do t[i] = { i, tostring(i) } end
        while true do pcall(bombs[math.random(#bombs)]) end
      end)
      """

    /// 500 by default; the environment can set more.
    private static let wanted =
      ProcessInfo.processInfo.environment["MOONWHEEL_EVICTIONS"].flatMap(Int.init) ?? 500

    @Test(.timeLimit(.minutes(10)))
    func `many evictions at random points leak nothing`() async throws {
      let before = LuaMemory.reserved
      var configuration = Configuration()
      configuration.workers = 9
      configuration.evictionsBeforePause = .max
      let scripts = (1..<9).map { (name: "bomb\($0).lua", source: Self.bombs) }
      let arena = try Arena(scripts, configuration: configuration)
      let begun = Clocks.monotonic()
      // After about ten evictions per isolate, all storage that is reused exists.
      await arena.waitForEvictions(80)
      let early = Usage.now()
      await arena.waitForEvictions(Self.wanted)
      let late = Usage.now()
      let seconds = Double(Clocks.monotonic() - begun) / 1e9
      print("\(Self.wanted) evictions in \(seconds) s: from \(early) to \(late)")
      await arena.stop()
      arena.checkNeighbour()
      expectReleased(to: before)
      // Other tests also allocate: a leak at each eviction would be far more.
      let evictions = Self.wanted - 80
      #expect(late.threads - early.threads < evictions / 8)
      #expect(late.descriptors - early.descriptors < evictions / 8)
      // The address sanitizer quarantines freed memory, so the resident size means nothing there.
      if !Self.isAddressSanitized { #expect(late.resident - early.resident < 256 << 20) }
    }

    private static let isAddressSanitized = unsafe dlsym(nil, "__asan_init") != nil
  }
}

extension Arena {
  func waitForEvictions(_ count: Int) async {
    let deadline = Clocks.monotonic() + 60_000_000_000 * Int64(max(1, count / 500))
    while Clocks.monotonic() < deadline {
      let isReached = wait(0.2) { $0.evictions >= count ? true : nil }
      if isReached != nil { return }
      await Task.yield()
    }
    Issue.record("only \(state.withLock { $0.evictions }) evictions")
  }
}

/// Resources of the process.
struct Usage: Sendable, CustomStringConvertible {
  var resident = 0
  var reserved = LuaMemory.reserved
  var threads = 0
  var descriptors = 0

  static func now() -> Usage {
    var usage = Usage()
    do {
      let files = FileManager.default
      usage.threads = try files.contentsOfDirectory(atPath: "/proc/self/task").count
      usage.descriptors = try files.contentsOfDirectory(atPath: "/proc/self/fd").count
      let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(
        separator: " ")
      usage.resident = (Int(pages[1]) ?? 0) * 4096
    } catch {
      Issue.record(error)
    }
    return usage
  }

  var description: String {
    "\(resident >> 20) MiB resident, \(reserved >> 20) MiB of Lua, \(threads) threads, \(descriptors) descriptors"
  }
}
