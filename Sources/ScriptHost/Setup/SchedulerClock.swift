import SchedulerCore
import SystemCalls
import Triggers
import WorkerPool

/// Where the scheduler gets the time from.
public protocol SchedulerClock: Sendable {
  func read() -> ClockReading
  /// Elapsed time alone, as ``read()`` tells it: for most of what is asked, at half the price.
  var elapsed: Int64 { get }
  /// Waits until an elapsed time, in nanoseconds, or until the alarm rings; may return early.
  func sleep(until deadline: Int64?, on alarm: Alarm)
  /// When an elapsed time of this clock will come on the machine's, as far as that is known; nil is never.
  func machineTime(of deadline: Int64?) -> Int64?
  /// Whether elapsed time passes as on the machine's clocks, so that a short span of it can be measured on any of them.
  var isRealTime: Bool { get }
}

extension SchedulerClock {
  public var elapsed: Int64 { read().elapsed }
  public var isRealTime: Bool { false }
  public func machineTime(of deadline: Int64?) -> Int64? { deadline }
}

/// The machine's clocks.
public struct SystemClock: SchedulerClock {
  public init() {}

  public var isRealTime: Bool { true }

  public var elapsed: Int64 { Clocks.elapsed() }

  public func read() -> ClockReading {
    ClockReading(elapsed: Clocks.elapsed(), wall: Timestamp(nanoseconds: Clocks.wall()))
  }

  public func sleep(until deadline: Int64?, on alarm: Alarm) {
    _ = alarm.sleep(until: deadline)
  }
}
