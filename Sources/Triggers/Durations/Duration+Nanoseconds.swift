extension Duration {
  /// In nanoseconds; a duration that does not fit becomes the nearest value that does.
  package var clampedNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carries) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
    guard !overflow, !carries else { return seconds < 0 ? .min : .max }
    return sum
  }
}
