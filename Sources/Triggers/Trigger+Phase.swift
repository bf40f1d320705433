/// The phase of triggers that count from an anchor: periods, and every nth day or week.
extension Trigger {
  /// An anchor with the phase of `anchor` that is not later than `instant`. `instant` itself if the phase has no fixed
  /// length, as for every nth month.
  public func anchor(_ anchor: Timestamp, notAfter instant: Timestamp) -> Timestamp {
    guard anchor > instant else { return anchor }
    guard let length = phaseLength, length > 0 else { return instant }
    let ahead = Int128(anchor.nanoseconds) - Int128(instant.nanoseconds)
    let steps = (ahead + Int128(length) - 1) / Int128(length)
    let moved = Int128(anchor.nanoseconds) - steps * Int128(length)
    return Int64(exactly: moved).map { Timestamp(nanoseconds: $0) } ?? instant
  }

  /// After how many nanoseconds all parts that count from an anchor repeat. 1 if no part does, nil if they never
  /// repeat.
  private var phaseLength: Int64? {
    switch self {
    case .every(let period, _): return period
    case .everyBetween, .after, .reboot: return nil
    case .calendar(let calendar):
      if let rule = calendar.civil { return rule.phaseLength }
    }
    var common: Int64 = 1
    for trigger in operands {
      guard let length = trigger.phaseLength, length > 0 else { return nil }
      let (multiple, overflow) = (common / Self.divisor(common, length))
        .multipliedReportingOverflow(by: length)
      guard !overflow else { return nil }
      common = multiple
    }
    return common
  }

  private static func divisor(_ a: Int64, _ b: Int64) -> Int64 { b == 0 ? a : divisor(b, a % b) }
}

extension CivilRule {
  fileprivate var phaseLength: Int64? {
    guard case .step(let step)? = special else { return 1 }
    let day: Int64 = 86_400_000_000_000
    let length: Int64
    switch step.unit {
    // Hours and minutes count from a midnight.
    case .minutes, .hours, .days: length = day
    case .weeks: length = 7 * day
    case .months: return nil
    }
    // A step that is longer than the range of a Timestamp comes once at most.
    let (product, overflow) = length.multipliedReportingOverflow(by: Int64(step.count))
    return overflow ? nil : product
  }
}
