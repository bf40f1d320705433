import MoonwheelModel
import SystemCalls
import Triggers

/// How much real time a simulation, or the tests of several files together, may take. It counts from its creation.
///
/// What is over its budget ends: runs under way are interrupted, and virtual time stops.
public struct RealTimeBudget: Sendable {
  public let length: Duration
  /// Monotonic time in nanoseconds.
  package let end: Int64

  /// A budget that begins now.
  public init(_ length: Duration) {
    self.length = length
    end = Clocks.monotonic().saturatingSum(length.clampedNanoseconds)
  }

  private init() {
    length = .nanoseconds(Int64.max)
    end = .max
  }

  public static let unlimited = RealTimeBudget()

  public var isSpent: Bool { end != .max && Clocks.monotonic() >= end }

  var text: String { DurationText.format(length.clampedNanoseconds) }
}

/// A simulation did not reach its end within its budget.
public struct BudgetError: Error, CustomStringConvertible {
  public let budget: RealTimeBudget
  /// The virtual time that was reached.
  public let reached: Timestamp
  /// The script that computed longest, if one took a large part of the time.
  public let busiestScript: String?
  private let zone: Zone

  init(_ budget: RealTimeBudget, reached: Timestamp, zone: Zone, busiestScript: String?) {
    self.budget = budget
    self.reached = reached
    self.zone = zone
    self.busiestScript = busiestScript
  }

  public var description: String {
    let time = Timestamp(seconds: reached.seconds).iso(in: zone)
    let script = busiestScript.map { "; most of it went to \($0)" } ?? ""
    return "out of time: after \(budget.text) of real time the simulation was at \(time)\(script)"
  }
}
