import MoonwheelModel
import MoonwheelTesting
import SystemCalls
import Testing
import WorkerPool

@testable import Moonwheel
@testable import ScriptHost

/// Callbacks that compute for long without waiting.
@Suite(.serialized) struct StuckRunTests {
  private struct Told {
    var events: [Event]
    var log: [LogRecorder.Line]
    var skipped: [String]
  }

  /// Runs scripts on the real clock for some seconds, or until `isOver`.
  private func run(
    _ source: String, for seconds: Double,
    until isOver: @escaping ([Event]) -> Bool = { _ in false }
  ) async throws -> Told {
    var configuration = Configuration()
    configuration.texts = [(name: "a.lua", source: source)]
    configuration.stuckAfter = .milliseconds(100)
    configuration.shutdownTimeout = 0.1
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
    return Told(
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
  func `one that computes for long is told once, with where it is`() async throws {
    let told = try await run(Self.busy, for: 20) { events in
      events.contains { $0.name == "run.timed_out" }
    }
    #expect(told.events.count == 1 && told.log.count == 1)
    let event = try #require(told.events.first)
    #expect(event.payload["job"] == "digger" && event.payload["script"] == "a.lua")
    #expect(event.payload["run"]?.text?.isEmpty == false)
    let line = try #require(told.log.first)
    #expect(line.message.contains("has computed for") && line.message.contains("in upvalue 'dig'"))
    #expect(line.level == .warning)
  }

  @Test(.timeLimit(.minutes(1)))
  func `fires of the script's other jobs that are skipped meanwhile name it`() async throws {
    let told = try await run(Self.busy, for: 20) { events in
      events.contains { $0.name == "run.timed_out" }
    }
    let named = told.skipped.filter {
      $0.contains("the previous run has not begun: job \"digger\" of this script")
    }
    #expect(!named.isEmpty, "\(told.skipped)")
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      // Each wait begins the count anew.
      "every('20ms', { name = 'polite' }, function() for _ = 1, 20 do local x = 0 for i = 1, 2e5 do x = x + i end sleep('1ms') end end)",
      // Many short runs are none that computes for long.
      "every('1ms', { name = 'short' }, function() local x = 0 for i = 1, 2e4 do x = x + i end end)",
    ])
  func `one that waits in between, or is over, is not told`(_ source: String) async throws {
    let told = try await run(source, for: 1.2)
    #expect(told.events.isEmpty && told.log.isEmpty, "\(told.events)")
  }

  @Test(.timeLimit(.minutes(1)))
  func `after it has waited the others are skipped for other reasons`() async throws {
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
    let told = try await run(source, for: 2.4)
    #expect(told.events.count == 1)
    #expect(told.skipped.allSatisfy { !$0.contains("digger") }, "\(told.skipped)")
  }
}
