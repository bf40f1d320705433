import Layers
import MoonwheelModel
import Synchronization
import SystemCalls
import TestSupport
import Testing
import WorkerPool

@testable import Moonwheel
@testable import ScriptHost

extension SignalsTests {
  @Suite(.serialized) struct RecoverySignalsTests {
    private static let bomb = """
      on("bomb", { name = "culprit", timeout = { soft = "20ms", hard = "40ms" } }, function() string.rep("", 1e18) end)
      on("sleep", { name = "sleeper" }, function() sleep(100) end)
      on("wait", { name = "waiter" }, function() wait("never") end)
      on("alive.1", function() alive(1) end)
      """

    private static let steady = """

      every("50ms", { name = "steady" }, function(run) tick(run.n, run.scheduled_at, run.late) end)
      """

    private func event(_ name: String, _ job: String? = nil, in arena: Arena, count: Int = 1)
      -> [Event]?
    {
      arena.wait(10) { state in
        let found = state.events.filter {
          $0.name == name && (job == nil || $0.payload["job"]?.text == job)
        }
        return found.count >= count ? found : nil
      }
    }

    @Test(.timeLimit(.minutes(1)))
    func `an eviction abandons parked runs of the script, and its other jobs keep their phase`()
      async throws
    {
      let arena = try Arena([("a.lua", Self.bomb + Self.steady)], hasNeighbour: false)
      try arena.scheduler.emit("sleep")
      try arena.scheduler.emit("wait")
      let ticked = arena.wait(5) { $0.ticks.count >= 5 ? true : nil }
      #expect(ticked == true)
      try arena.scheduler.emit("bomb")
      #expect(event("run.evicted", "culprit", in: arena) != nil)
      for job in ["sleeper", "waiter"] {
        let abandoned = event("run.abandoned", job, in: arena)?.first
        #expect(abandoned?.payload["error"]?.text?.contains("culprit") == true, "\(job)")
      }
      try arena.scheduler.emit("alive.1")
      #expect(arena.wait(5) { $0.alive.contains(1) ? true : nil } == true)
      let count = arena.state.withLock { $0.ticks.count }
      _ = arena.wait(5) { $0.ticks.count >= count + 5 ? true : nil }
      await arena.stop()
      let ticks = arena.state.withLock { $0.ticks }
      let first = try #require(ticks.first)
      #expect(ticks.count >= count + 5)
      for tick in ticks {
        let periods = (tick.scheduledAt - first.scheduledAt) / Arena.period
        #expect(abs(periods - periods.rounded()) < 0.01, "the phase was lost at \(tick.number)")
      }
    }

    @Test(.timeLimit(.minutes(1)))
    func `5 evictions within a minute pause a script and a new text resumes it`() async throws {
      let folder = try TemporaryFolder()
      try folder.write("a.lua", Self.bomb)
      var configuration = Configuration(paths: [folder.path])
      configuration.watches = false
      let arena = try Arena([], configuration: configuration)
      for count in 1...5 {
        try arena.scheduler.emit("bomb")
        #expect(
          event("run.evicted", "culprit", in: arena, count: count) != nil, "eviction \(count)")
      }
      let paused = event("script.paused", in: arena)?.first
      #expect(paused?.payload["script"]?.text == "a.lua")
      #expect(paused?.payload["reason"]?.text?.contains("culprit") == true)
      let held = event("scheduler.paused", in: arena)?.first
      #expect(held?.payload["script"]?.text == "a.lua")
      #expect(held?.payload["reason"] == paused?.payload["reason"])
      try arena.scheduler.emit("alive.1")
      #expect(arena.wait(0.3) { $0.alive.contains(1) ? true : nil } == nil, "it is not paused")
      try folder.write("a.lua", "on('alive.2', function() alive(2) end)")
      arena.scheduler.beginReload()
      #expect(event("script.reloaded", in: arena) != nil)
      let resumed = event("scheduler.resumed", in: arena)?.first
      #expect(resumed?.payload["reason"] == "it was loaded anew")
      // The handler is subscribed a moment after the event.
      let isAlive = (1...50).contains { _ in
        do { try arena.scheduler.emit("alive.2") } catch { Issue.record(error) }
        return arena.wait(0.1) { $0.alive.contains(2) ? true : nil } == true
      }
      #expect(isAlive)
      await arena.stop()
      arena.checkNeighbour()
    }

    @Test(
      .timeLimit(.minutes(1)),
      arguments: [
        "while true do end", "while true do pcall(function() while true do end end) end",
        "return (('a'):rep(40)):find(('a-'):rep(40) .. 'b')", "load(function() return ' ' end)",
      ])
    func `a script that loads without end is refused`(_ source: String) async throws {
      var configuration = Configuration()
      configuration.loadLimit = .seconds(0.2)
      let begun = Clocks.monotonic()
      let arena = try Arena([("a.lua", source)], configuration: configuration)
      let failed = event("script.failed", in: arena)?.first
      #expect(failed?.payload["error"]?.text?.contains("processor time") == true)
      #expect(Clocks.monotonic() - begun < 5_000_000_000)
      _ = arena.wait(5) { $0.ticks.count > 5 ? true : nil }
      await arena.stop()
      arena.checkNeighbour()
    }
  }
}
