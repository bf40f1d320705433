/// Saturating arithmetic. Scripts may give durations that reach past the last instant: a sum that wrapped around would
/// make a late instant an early one, and a sum that trapped would end the process.
extension Int64 {
  @inline(__always)
  @inlinable public func saturatingSum(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  @inline(__always)
  @inlinable public func saturatingDifference(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other < 0 ? .max : .min) : difference
  }

  /// The nearest representable number; 0 for NaN.
  package init(saturating number: Double) {
    self =
      number.isNaN
      ? 0 : number >= 0x1p63 ? .max : number < -0x1p63 ? .min : Int64(number)
  }
}
