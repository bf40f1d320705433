import SchedulerCore
import SystemCalls
import Triggers
import WorkerPool

/// The source of time of a scheduler.
public protocol SchedulerClock: Sendable {
  func read() -> ClockReading
  /// The elapsed time of ``read()``, at about half its cost.
  var elapsed: Int64 { get }
  /// Blocks until an elapsed time in nanoseconds, or until the alarm wakes it. May return early.
  func sleep(until deadline: Int64?, on alarm: Alarm)
  /// The elapsed time of the machine's clock at which `deadline` of this clock will come; nil for never or unknown.
  func machineTime(of deadline: Int64?) -> Int64?
  /// How many nanoseconds pass while a script computes for one on the machine: 1, or 0 if time stands still meanwhile.
  var pace: Int64 { get }
}

extension SchedulerClock {
  public var elapsed: Int64 { read().elapsed }
  public var pace: Int64 { 0 }
  public func machineTime(of deadline: Int64?) -> Int64? { deadline }
}

/// The machine's clocks.
public struct SystemClock: SchedulerClock {
  public init() {}

  public var pace: Int64 { 1 }

  public var elapsed: Int64 { Clocks.elapsed() }

  public func read() -> ClockReading {
    ClockReading(elapsed: Clocks.elapsed(), wall: Timestamp(nanoseconds: Clocks.wall()))
  }

  public func sleep(until deadline: Int64?, on alarm: Alarm) {
    _ = alarm.sleep(until: deadline)
  }
}
