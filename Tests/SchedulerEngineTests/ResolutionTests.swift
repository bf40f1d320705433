import Layers
import Moonwheel
import MoonwheelTesting
import Testing

@testable import SchedulerEngine

/// With a resolution, everything that is due within one interval shares a wake-up.
@Suite struct ResolutionTests {
  @Test(
    arguments: [
      (0.001, 0, 0), (0.001, 1, 1_000_000), (0.001, 1_000_000, 1_000_000),
      (0.001, 1_000_001, 2_000_000), (0, 1_234_567, 1_234_567), (-1, 5, 5),
      (1, Int64.max, Int64.max), (100, 1, 1_000_000_000),
    ] as [(Double, Int64, Int64)])
  func `a deadline is rounded up to the end of its interval`(
    seconds: Double, elapsed: Int64, wake: Int64
  ) {
    #expect(Resolution(.seconds(seconds)).roundedUp(elapsed) == wake)
  }

  @Test func `the host wakes at the end of an interval, never early`() async throws {
    let clock = ManualClock(wall: Timestamp(seconds: 1_767_225_600))
    var configuration = Configuration()
    configuration.resolution = .seconds(0.1)
    configuration.texts = [
      (
        name: "a.lua",
        source: "n = 0 every('130ms', function() n = n + 1 end) every('170ms', function() end)"
      )
    ]
    let scheduler = try Scheduler(configuration, clock: clock)
    try scheduler.start()
    scheduler.waitUntilIdle()
    let start = clock.read().elapsed
    let deadline = try #require(scheduler.nextDeadline)
    #expect(deadline % 100_000_000 == 0)
    #expect(deadline >= start + 130_000_000 && deadline < start + 230_000_000)
    await scheduler.stop()
  }
}
