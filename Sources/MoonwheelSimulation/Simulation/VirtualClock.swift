import SchedulerCore
import ScriptHost
import Synchronization
import Triggers
import WorkerPool

/// The wall clock and the elapsed time of a simulation. They change only when the simulation advances or sets them.
final class VirtualClock: SchedulerClock {
  /// Elapsed time at the start. It is not 0, so that nothing relies on 0.
  private static let start: Int64 = 1_000_000_000_000

  /// The last elapsed time: 285 years after the start.
  static let end: Int64 = 9_000_000_000_000_000_000

  private let reading: Mutex<ClockReading>

  init(wall: Timestamp) { reading = Mutex(ClockReading(elapsed: Self.start, wall: wall)) }

  func read() -> ClockReading { reading.withLock { $0 } }

  func sleep(until deadline: Int64?, on alarm: Alarm) {
    preconditionFailure("a thread tried to sleep in virtual time")
  }

  /// Advances both clocks to an elapsed time. A past time changes nothing.
  func advance(to elapsed: Int64) {
    reading.withLock { reading in
      let step = max(0, elapsed - reading.elapsed)
      reading.elapsed += step
      reading.wall = reading.wall.advanced(by: step)
    }
  }

  /// Moves only the wall clock, by nanoseconds.
  func stepWall(by nanoseconds: Int64) {
    reading.withLock { $0.wall = $0.wall.advanced(by: nanoseconds) }
  }

  /// The elapsed time in nanoseconds at which the wall clock will show a time, unless it is set before.
  func elapsed(at wall: Timestamp) -> Int64 {
    let now = read()
    return now.elapsed.saturatingSum(now.wall.distance(to: wall))
  }
}
