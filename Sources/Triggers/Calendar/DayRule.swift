/// The days of a month that match: by the two day fields of cron, or by the English phrases of `every`.
///
/// Everything is a bit mask of the month (bit 1 is the 1st), so a month takes a handful of instructions however long
/// the expression is.
struct DayRule: Equatable, Sendable {
  static let everyDay: UInt64 = 0xFFFF_FFFE
  static let everyWeekday: UInt64 = 0x7F

  /// Bits 1 to 31.
  var days: UInt64 = everyDay
  /// Bit n: n days before the last.
  var fromLast: UInt64 = 0
  /// Bit n: the weekday nearest to day n.
  var nearest: UInt64 = 0
  /// Bit n: the weekday nearest to n days before the last.
  var nearestFromLast: UInt64 = 0
  /// Bit 0 is Sunday.
  var weekdays = everyWeekday
  /// Seven bits each for the 1st to the 5th of a weekday in a month, then seven for the last.
  var nthWeekdays: UInt64 = 0
  /// Whether a day must satisfy both fields, or either.
  var needsBoth = true

  var isEveryDay: Bool { self == DayRule() }
  private var hasSpecialDays: Bool { fromLast | nearest | nearestFromLast != 0 }

  /// The matching days of a month that begins on `first` (0 is Sunday) and has `length` days.
  @inline(__always)
  func mask(first: Int, length: Int) -> UInt64 {
    let month = (UInt64(2) << UInt64(length)) - 2
    // The seven bits are rotated so that bit 0 is the weekday of the 1st, and repeated five times.
    let turned = (weekdays >> UInt64(first) | weekdays << UInt64(7 - first)) & 0x7F
    var byWeekday = (turned &* 0x1020_4081) << 1
    var byDay = days
    if nthWeekdays != 0 { byWeekday |= nth(first: first, length: length) }
    if hasSpecialDays { byDay |= special(first: first, length: length) }
    return (needsBoth ? byDay & byWeekday : byDay | byWeekday) & month
  }

  private func nth(first: Int, length: Int) -> UInt64 {
    var mask: UInt64 = 0
    for n in 0..<6 {
      let weekdays = nthWeekdays >> UInt64(7 * n) & 0x7F
      let turned = (weekdays >> UInt64(first) | weekdays << UInt64(7 - first)) & 0x7F
      let week: UInt64 =
        n < 5 ? 0x7F << UInt64(7 * n + 1) : 0x7F << UInt64(length - 6)
      mask |= (turned &* 0x1020_4081) << 1 & week
    }
    return mask
  }

  private func special(first: Int, length: Int) -> UInt64 {
    var mask: UInt64 = 0
    var rest = fromLast
    while rest != 0 {
      let day = length - rest.trailingZeroBitCount
      if day >= 1 { mask |= 1 << UInt64(day) }
      rest &= rest - 1
    }
    rest = nearest
    while rest != 0 {
      let day = rest.trailingZeroBitCount
      if day <= length { mask |= Self.nearest(to: day, first: first, length: length) }
      rest &= rest - 1
    }
    rest = nearestFromLast
    while rest != 0 {
      let day = length - rest.trailingZeroBitCount
      if day >= 1 { mask |= Self.nearest(to: day, first: first, length: length) }
      rest &= rest - 1
    }
    return mask
  }

  /// The weekday nearest to a day in the same month: Friday for a Saturday, Monday for a Sunday.
  private static func nearest(to day: Int, first: Int, length: Int) -> UInt64 {
    switch (first + day - 1) % 7 {
    case 6: 1 << UInt64(day == 1 ? 3 : day - 1)
    case 0: 1 << UInt64(day == length ? day - 2 : day + 1)
    default: 1 << UInt64(day)
    }
  }
}
