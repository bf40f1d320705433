import Moonwheel
import SchedulerCore
import ScriptHost
import Synchronization
import Triggers
import WorkerPool

/// Both clocks in the hand of a test: they stand still until they are moved.
public final class ManualClock: SchedulerClock {
  private let reading: Mutex<ClockReading>

  public init(wall: Timestamp, elapsed: Int64 = 1_000_000_000_000) {
    reading = Mutex(ClockReading(elapsed: elapsed, wall: wall))
  }

  public func read() -> ClockReading { reading.withLock { $0 } }

  /// Only a ring ends it: who moves the clock rings.
  public func sleep(until deadline: Int64?, on alarm: Alarm) { _ = alarm.sleep(until: nil) }

  public func machineTime(of deadline: Int64?) -> Int64? { nil }

  /// Moves both clocks, by nanoseconds.
  public func advance(by nanoseconds: Int64) {
    precondition(nanoseconds >= 0, "elapsed time does not go back: \(nanoseconds)")
    reading.withLock { reading in
      reading.elapsed += nanoseconds
      reading.wall = reading.wall.advanced(by: nanoseconds)
    }
  }

  /// Steps the wall clock alone, as an operator or NTP does.
  public func stepWall(by nanoseconds: Int64) {
    reading.withLock { $0.wall = $0.wall.advanced(by: nanoseconds) }
  }
}
