import Moonwheel
import Triggers

/// A scheduler on a manual clock: time moves only when the test moves it, and each move ends when everything that
/// became due is done.
///
///     let host = try TestScheduler(["a.lua": "every('10s', function() print('tick') end)"])
///     host.advance(by: .seconds(60))
///     #expect(host.log.messages.count { $0 == "tick" } == 6)
///     await host.stop()
public final class TestScheduler: Sendable {
  public let scheduler: Scheduler
  public let clock: ManualClock
  public let log = LogRecorder()

  /// Loads scripts, which are given as texts by name, and starts. `prepare` can register functions before that.
  public init(
    _ scripts: KeyValuePairs<String, String>,
    at wall: Timestamp = Timestamp(seconds: 1_767_225_600),
    configuration base: Configuration = Configuration(),
    prepare: (Scheduler) throws -> Void = { _ in }
  ) throws {
    var configuration = base
    configuration.timeZone = base.timeZone ?? "UTC"
    configuration.seed = base.seed ?? 1
    configuration.shutdownTimeout = min(base.shutdownTimeout, .milliseconds(100))
    configuration.texts += scripts.map { (name: $0.key, source: $0.value) }
    clock = ManualClock(wall: wall)
    scheduler = try Scheduler(configuration, logger: log.logger, clock: clock)
    try prepare(scheduler)
    try scheduler.start()
    scheduler.waitUntilLoaded()
    scheduler.waitUntilIdle()
  }

  /// Advances time, from one instant at which something is due to the next. What becomes due is done at the return.
  public func advance(by duration: Duration) { clock.advance(by: duration, of: scheduler) }

  package func advance(by seconds: Double) { advance(by: .seconds(seconds)) }

  /// Stops the scheduler. It soon interrupts runs that wait, since the clock stands still.
  public func stop() async { await scheduler.stop() }
}

extension ManualClock {
  package func advance(by seconds: Double, of scheduler: Scheduler) {
    advance(by: .seconds(seconds), of: scheduler)
  }

  /// Advances time, from one instant at which something is due to the next. `scheduler` has this clock; what becomes due
  /// is done at the return.
  package func advance(by duration: Duration, of scheduler: Scheduler) {
    let end = read().elapsed + duration.clampedNanoseconds
    while true {
      scheduler.waitUntilIdle()
      let now = read().elapsed
      guard let next = scheduler.nextDeadline, next <= end else { break }
      advance(by: max(100_000, next - now))  // at least a tick: a deadline may be early
    }
    advance(by: max(0, end - read().elapsed))
    scheduler.waitUntilIdle()
  }
}
