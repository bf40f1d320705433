import SchedulerCore
import ScriptHost
import Synchronization
import Triggers
import WorkerPool

/// Both clocks of a simulation: they stand still but for its jumps.
final class VirtualClock: SchedulerClock {
  /// Elapsed time at the start: anything but 0, since nothing may rely on that.
  private static let start: Int64 = 1_000_000_000_000

  /// Elapsed time up to which it goes on at most: 285 years.
  static let end: Int64 = 9_000_000_000_000_000_000

  private let reading: Mutex<ClockReading>

  init(wall: Timestamp) { reading = Mutex(ClockReading(elapsed: Self.start, wall: wall)) }

  func read() -> ClockReading { reading.withLock { $0 } }

  func sleep(until deadline: Int64?, on alarm: Alarm) {
    preconditionFailure("nobody sleeps in virtual time")
  }

  /// Moves both clocks on to an elapsed time; one that is past moves nothing.
  func advance(to elapsed: Int64) {
    reading.withLock { reading in
      let step = max(0, elapsed - reading.elapsed)
      reading.elapsed += step
      reading.wall = reading.wall.advanced(by: step)
    }
  }

  /// Sets the wall clock alone, by nanoseconds.
  func stepWall(by nanoseconds: Int64) {
    reading.withLock { $0.wall = $0.wall.advanced(by: nanoseconds) }
  }

  /// When the wall clock will show a time, if nobody sets it before; in nanoseconds of elapsed time.
  func elapsed(at wall: Timestamp) -> Int64 {
    let now = read()
    return now.elapsed.saturatingSum(now.wall.distance(to: wall))
  }
}
