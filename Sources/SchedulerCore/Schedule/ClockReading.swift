import TimerWheel
import Triggers

/// A reading of both clocks at one moment. Intervals use elapsed time, calendars wall time.
public struct ClockReading: Sendable, Hashable {
  /// Nanoseconds since boot, including suspend (CLOCK_BOOTTIME).
  public var elapsed: Int64
  /// Wall time (CLOCK_REALTIME).
  public var wall: Timestamp

  public init(elapsed: Int64, wall: Timestamp) {
    self.elapsed = elapsed
    self.wall = wall
  }

  /// Wall time minus elapsed time, in nanoseconds.
  var offset: Int64 { wall.nanoseconds &- elapsed }

  func wall(at elapsed: Int64) -> Timestamp {
    Timestamp(nanoseconds: elapsed.saturatingSum(offset))
  }

  func elapsed(at wall: Timestamp) -> Int64 {
    wall.nanoseconds.saturatingDifference(offset)
  }
}

extension Tick {
  /// The length of a tick, in nanoseconds.
  static let nanoseconds: Int64 = 100_000

  /// The tick that has begun at an elapsed time.
  init(reached elapsed: Int64) { self.init(UInt64(Swift.max(0, elapsed) / Tick.nanoseconds)) }

  /// The first tick that does not begin before an elapsed time. It rounds up, so that no fire is early.
  init(notBefore elapsed: Int64) {
    let clamped = UInt64(Swift.max(0, elapsed))
    let length = UInt64(Tick.nanoseconds)
    self.init(clamped / length + (clamped % length == 0 ? 0 : 1))
  }

  /// The elapsed time at which the tick begins, in nanoseconds.
  var elapsed: Int64 {
    let (result, overflow) = rawValue.multipliedReportingOverflow(by: UInt64(Tick.nanoseconds))
    return overflow ? .max : Int64(clamping: result)
  }
}
