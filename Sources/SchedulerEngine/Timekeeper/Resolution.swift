import Triggers

/// The precision of wake-ups: all wake-ups within one interval happen at its end.
package struct Resolution: Sendable {
  /// The interval in nanoseconds; 0 means that each wake-up happens at its time.
  let length: Int64

  /// From zero to a second.
  package init(_ length: Duration) {
    self.length = max(.zero, min(length, .seconds(1))).clampedNanoseconds
  }

  /// The end of the interval in which an elapsed time lies.
  func roundedUp(_ elapsed: Int64) -> Int64 {
    guard length > 0, elapsed > 0 else { return elapsed }
    let (sum, overflow) = elapsed.addingReportingOverflow(length - 1)
    return overflow ? elapsed : sum / length * length
  }
}
