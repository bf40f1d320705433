/// A rule in wall time: which local seconds match. Time zones do not matter here.
///
/// The search for the next match goes from the largest field to the smallest, with bit masks, and skips whole months
/// and years that cannot match.
final class CivilRule: Equatable, Sendable {
  let times: DayTimes
  let days: DayRule
  /// Bits 1 to 12.
  let months: UInt64
  let years: YearSet
  let special: SpecialDays?
  private let firstTime: Int
  private let isEveryDay: Bool

  static let everyMonth: UInt64 = 0x1FFE

  init(
    times: DayTimes, days: DayRule = DayRule(), months: UInt64 = everyMonth,
    years: YearSet = .all, special: SpecialDays? = nil
  ) {
    self.times = times
    self.days = days
    self.months = months
    self.years = years
    self.special = special
    firstTime = times.first
    isEveryDay = days.isEveryDay && months == Self.everyMonth && years.isAll
  }

  /// The first matching local second at or after one, or nil when there is none before 2263.
  ///
  /// `anchor` is the local second from which a ``Step`` counts.
  @inline(__always)
  func next(from local: Int64, anchor: Int64) -> Int64? {
    if let special { return next(from: local, special, anchor: anchor) }
    return nextOfFields(from: local)
  }

  /// As ``next(from:anchor:)``, without regard to special days.
  @inline(__always)
  func nextOfFields(from local: Int64) -> Int64? {
    let midnight = Self.midnight(of: local)
    if isEveryDay, midnight < Self.end {
      let time = times.next(from: Int(local - midnight))
      return time.map { midnight + Int64($0) } ?? (midnight + 86400 + Int64(firstTime))
    }
    let day = Int(midnight / 86400)
    let date = CivilDate(dayNumber: day)
    let firstDay = day - date.day + 1
    let mask = dayMask(date.year, date.month, firstDay)
    if mask >> UInt64(date.day) & 1 == 1, let time = times.next(from: Int(local - midnight)) {
      return midnight + Int64(time)
    }
    let later = mask & ~((UInt64(2) << UInt64(date.day)) - 1)
    if later != 0 { return second(firstDay, later) }
    return next(afterMonth: date.month, of: date.year)
  }

  /// The midnight before a local second that is in reach of a `Timestamp`.
  @inline(__always)
  private static func midnight(of local: Int64) -> Int64 {
    let bias: Int64 = 86400 << 20
    let days = UInt64(bitPattern: local + bias) / 86400
    return Int64(bitPattern: days) * 86400 - bias
  }

  /// 2263-01-01.
  static let end: Int64 = 9_246_182_400

  private func next(afterMonth month: Int, of year: Int) -> Int64? {
    var month = month
    var year = year
    while true {
      let later = months >> UInt64(month + 1)
      if later == 0 || !years.contains(year) {
        year += 1
        guard year <= YearSet.last else { return nil }
        month = 0
        continue
      }
      month += 1 + later.trailingZeroBitCount
      let firstDay = CivilDate.dayNumber(year: year, month: month, day: 1)
      let mask = dayMask(year, month, firstDay)
      if mask != 0 { return second(firstDay, mask) }
    }
  }

  @inline(__always)
  private func second(_ firstDay: Int, _ mask: UInt64) -> Int64 {
    Int64(firstDay + mask.trailingZeroBitCount - 1) * 86400 + Int64(firstTime)
  }

  /// The matching days of a month, without regard to special days.
  @inline(__always)
  func dayMask(_ year: Int, _ month: Int, _ firstDay: Int) -> UInt64 {
    guard months >> UInt64(month) & 1 == 1 && years.contains(year) else { return 0 }
    return days.mask(
      first: CivilDate.weekday(dayNumber: firstDay), length: CivilDate.daysInMonth(year, month))
  }

  static func == (a: CivilRule, b: CivilRule) -> Bool {
    a === b
      || a.times == b.times && a.days == b.days && a.months == b.months && a.years == b.years
        && a.special == b.special
  }
}

/// Days that the fields of a rule cannot express.
enum SpecialDays: Equatable, Sendable {
  case step(Step)
  case dates(DateSet)
}
