/// The precision of wake-ups: all wake-ups within one interval happen at its end.
package struct Resolution: Sendable {
  /// The interval in nanoseconds; 0 means that each wake-up happens at its time.
  let length: Int64

  package init(seconds: Double) { length = Int64(max(0, min(seconds, 1)) * 1e9) }

  /// The end of the interval in which an elapsed time lies.
  func roundedUp(_ elapsed: Int64) -> Int64 {
    guard length > 0, elapsed > 0 else { return elapsed }
    let (sum, overflow) = elapsed.addingReportingOverflow(length - 1)
    return overflow ? elapsed : sum / length * length
  }
}
