import Moonwheel
import SchedulerCore
import ScriptHost
import Synchronization
import Triggers
import WorkerPool

/// The wall clock and the elapsed time for a test: they change only when the test moves them.
public final class ManualClock: SchedulerClock {
  private let reading: Mutex<ClockReading>

  package init(wall: Timestamp, elapsed: Int64 = 1_000_000_000_000) {
    reading = Mutex(ClockReading(elapsed: elapsed, wall: wall))
  }

  public func read() -> ClockReading { reading.withLock { $0 } }

  /// Returns when the alarm wakes the thread, never at the deadline. Whoever moves the clock must wake the thread.
  public func sleep(until deadline: Int64?, on alarm: Alarm) { _ = alarm.sleep(until: nil) }

  public func machineTime(of deadline: Int64?) -> Int64? { nil }

  /// Advances both clocks, by nanoseconds.
  package func advance(by nanoseconds: Int64) {
    precondition(nanoseconds >= 0, "elapsed time does not go back: \(nanoseconds)")
    reading.withLock { reading in
      reading.elapsed += nanoseconds
      reading.wall = reading.wall.advanced(by: nanoseconds)
    }
  }

  /// Moves only the wall clock, as an operator or NTP does.
  public func stepWall(by step: Duration) { stepWall(by: step.clampedNanoseconds) }

  package func stepWall(by nanoseconds: Int64) {
    reading.withLock { $0.wall = $0.wall.advanced(by: nanoseconds) }
  }
}
