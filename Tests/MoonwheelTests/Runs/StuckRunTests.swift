import Layers
import MoonwheelModel
import MoonwheelTesting
import SystemCalls
import Testing
import WorkerPool

@testable import Moonwheel
@testable import ScriptHost

/// Callbacks that compute for long without waiting.
@Suite(.serialized) struct StuckRunTests {
  private struct Recorded {
    var events: [Event]
    var log: [LogRecorder.Line]
    var skipped: [String]
  }

  /// Runs a script on the real clock for some seconds, or until `isOver` is true.
  private func run(
    _ source: String, for seconds: Double,
    until isOver: @escaping ([Event]) -> Bool = { _ in false }
  ) async throws -> Recorded {
    var configuration = Configuration()
    configuration.texts = [(name: "a.lua", source: source)]
    configuration.stuckAfter = .milliseconds(100)
    configuration.shutdownTimeout = .seconds(0.1)
    configuration.logEvents = nil
    let log = LogRecorder()
    let scheduler = try Scheduler(configuration, logger: log.logger)
    let events = Condition<[Event]>([])
    try scheduler.observe("run.*") { event in
      events.withLock { $0.append(event) }
      events.broadcast()
    }
    try scheduler.start()
    let end = Clocks.monotonic() + Int64(seconds * 1e9)
    _ = events.wait(until: end) { isOver($0) ? true : nil }
    await scheduler.stop()
    let all = events.withLock { $0 }
    return Recorded(
      events: all.filter { $0.name == "run.stuck" },
      log: log.lines.filter { $0.event == "run.stuck" },
      skipped: all.filter { $0.name == "run.skipped" && $0.payload["job"]?.text == "other" }
        .compactMap { $0.payload["reason"]?.text })
  }

  private static let busy = """
    local function dig() while true do end end
    after("10ms", { name = "digger", timeout = "600ms" }, function() dig() end)
    every("50ms", { name = "other" }, function() end)
    """

  @Test(.timeLimit(.minutes(1)))
  func `the host warns once of a long computation, with its position`() async throws {
    let recorded = try await run(Self.busy, for: 20) { events in
      events.contains { $0.name == "run.timed_out" }
    }
    #expect(recorded.events.count == 1 && recorded.log.count == 1)
    let event = try #require(recorded.events.first)
    #expect(event.payload["job"] == "digger" && event.payload["script"] == "a.lua")
    #expect(event.payload["run"]?.text?.isEmpty == false)
    let line = try #require(recorded.log.first)
    #expect(line.message.contains("has computed for") && line.message.contains("in upvalue 'dig'"))
    #expect(line.level == .warning)
  }

  @Test(.timeLimit(.minutes(1)))
  func `skipped fires of the script's other jobs name the stuck job`() async throws {
    let recorded = try await run(Self.busy, for: 20) { events in
      events.contains { $0.name == "run.timed_out" }
    }
    let named = recorded.skipped.filter {
      $0.contains("the previous run has not begun: job \"digger\" of this script")
    }
    #expect(!named.isEmpty, "\(recorded.skipped)")
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      // Each wait restarts the count.
      "every('20ms', { name = 'polite' }, function() for _ = 1, 20 do local x = 0 for i = 1, 2e5 do x = x + i end sleep('1ms') end end)",
      // Many short runs are not one long computation.
      "every('1ms', { name = 'short' }, function() local x = 0 for i = 1, 2e4 do x = x + i end end)",
    ])
  func `the host does not warn of a run that waits, or of short runs`(_ source: String) async throws
  {
    let recorded = try await run(source, for: 1.2)
    #expect(recorded.events.isEmpty && recorded.log.isEmpty, "\(recorded.events)")
  }

  @Test(.timeLimit(.minutes(1)))
  func `skipped fires do not name a job that has waited since`() async throws {
    let source = """
      after("10ms", { name = "digger" }, function()
        local till = now() + 0.4
        while now() < till do end
        sleep("1h")
      end)
      after("600ms", { name = "wakes" }, function() emit("woken") end)
      on("woken", { name = "other", overlap = "skip" }, function() end)
      every("700ms", { name = "other2" }, function() sleep("5s") end)
      """
    let recorded = try await run(source, for: 2.4)
    #expect(recorded.events.count == 1)
    #expect(recorded.skipped.allSatisfy { !$0.contains("digger") }, "\(recorded.skipped)")
  }
}
