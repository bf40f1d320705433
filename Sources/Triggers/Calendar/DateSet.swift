/// A set of days: single dates, ranges of them, and days of every year (`12-25`).
struct DateSet: Equatable, Sendable {
  /// Day numbers, sorted, neither overlapping nor adjacent.
  private var ranges: [ClosedRange<Int>] = []
  /// Bit n of element m: day n of month m, in every year.
  private var yearly: [UInt64] = []

  init(ranges: [ClosedRange<Int>], yearly: [(month: Int, day: Int)]) {
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = self.ranges.last, range.lowerBound <= last.upperBound + 1 {
        self.ranges[self.ranges.count - 1] =
          last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        self.ranges.append(range)
      }
    }
    if !yearly.isEmpty { self.yearly = Array(repeating: 0, count: 13) }
    for date in yearly { self.yearly[date.month] |= 1 << UInt64(date.day) }
  }

  func contains(_ day: Int) -> Bool { next(from: day) == day }

  /// The first day of the set at or after a day.
  func next(from day: Int) -> Int? {
    earlier(nextInRanges(from: day), yearly.isEmpty ? nil : nextInYears(from: day))
  }

  private func nextInRanges(from day: Int) -> Int? {
    let place = firstIndex(of: ranges.count) { ranges[$0].upperBound >= day }
    return place < ranges.count ? max(day, ranges[place].lowerBound) : nil
  }

  private func nextInYears(from day: Int) -> Int? {
    let date = CivilDate(dayNumber: day)
    var year = date.year
    var month = date.month
    var mask = yearly[month] & (UInt64.max << UInt64(date.day))
    // Eight years and a few months: a 29th of February is at most that far off.
    for _ in 0...110 {
      let length = CivilDate.daysInMonth(year, month)
      mask &= (UInt64(2) << UInt64(length)) - 2
      if mask != 0 {
        return CivilDate.dayNumber(year: year, month: month, day: mask.trailingZeroBitCount)
      }
      month = month == 12 ? 1 : month + 1
      if month == 1 { year += 1 }
      mask = yearly[month]
    }
    return nil
  }
}
