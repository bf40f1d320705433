import Layers
import Moonwheel
import MoonwheelTesting
import TestSupport
import Testing

@testable import MoonwheelSimulation

/// The log of a text that does not load, and the version that runs, on a manual clock.
@Suite struct LastGoodTests {
  private static let good = "every('1h', { name = 'tick' }, function() print('good') end)"
  private static let lazy = """
    every('1h', { name = 'tick' }, function() print(require('later').word) end)
    """

  private func reminders(_ served: ServedFolder) -> [String] {
    served.log.messages.filter { $0.hasPrefix("it has not loaded since") }
  }

  @Test func `a text that does not load is logged again each hour`()
    async throws
  {
    try await withFolder(["a.lua": Self.good]) { served in
      try served.write("a.lua", "every(")
      served.expect("failed a.lua")
      served.advance(by: 1_800)
      // Another mistake does not restart the hour.
      try served.write("a.lua", "cron(")
      served.expect("failed a.lua")
      served.advance(by: 1_799)
      #expect(reminders(served) == [])
      served.advance(by: 2)
      #expect(reminders(served).count == 1)
      #expect(
        reminders(served).first?.hasPrefix(
          "it has not loaded since 2026-01-01T00:00:00+00:00: a.lua:1: ") == true,
        "\(reminders(served))")
      served.advance(by: 7_200)
      #expect(reminders(served).count == 3)
      try served.write("a.lua", Self.good)
      served.expect("reloaded a.lua")
      served.advance(by: 7_200)
      #expect(reminders(served).count == 3)
    }
  }

  @Test func `a module that a callback required is stored with the last good version`() async throws
  {
    let store = SimulatedStore()
    let folder = try TemporaryFolder()
    try folder.write("a.lua", Self.lazy)
    try folder.write("later.lua", "return { word = 'kept' }")
    func serve(
      at second: Int64, _ body: (Scheduler, LogRecorder, ManualClock) throws -> Void
    ) async throws {
      var configuration = Configuration(paths: [folder.path])
      configuration.timeZone = "UTC"
      let clock = ManualClock(wall: Timestamp(seconds: 1_767_225_600 + second))
      let log = LogRecorder()
      let scheduler = try Scheduler(configuration, store: store, logger: log.logger, clock: clock)
      try scheduler.start()
      scheduler.waitUntilLoaded()
      scheduler.waitUntilIdle()
      try body(scheduler, log, clock)
      await scheduler.stop()
    }
    try await serve(at: 0) { scheduler, log, clock in
      clock.advance(by: 3_600_000_000_000)
      scheduler.waitUntilIdle()
      #expect(log.said == ["kept"])
    }
    try folder.write("a.lua", "every(")
    try folder.write("later.lua", "return {")
    try await serve(at: 4_000) { scheduler, log, clock in
      clock.advance(by: 3_600_000_000_000)
      scheduler.waitUntilIdle()
      #expect(log.said == ["kept"])
      #expect(log.messages.contains { $0.hasPrefix("it has not loaded since") })
    }
  }
}
