/// The seconds of a day that match: every combination of hours, minutes and seconds, or a list.
struct DayTimes: Equatable, Sendable {
  /// Bit 0 is midnight.
  var hours: UInt64 = 1
  var minutes: UInt64 = 1
  var seconds: UInt64 = 1
  /// Seconds of the day in order. If there are any, the masks do not count.
  var list: [Int] = []

  static let allHours: UInt64 = 0xFF_FFFF
  static let allMinutes: UInt64 = 0xFFF_FFFF_FFFF_FFFF

  init(hours: UInt64, minutes: UInt64, seconds: UInt64) {
    self.hours = hours
    self.minutes = minutes
    self.seconds = seconds
  }

  /// Times as seconds of the day, in any order.
  init(list: [Int]) {
    self.list = Set(list).sorted()
  }

  var first: Int {
    if let first = list.first { return first }
    return hours.trailingZeroBitCount * 3600 + minutes.trailingZeroBitCount * 60
      + seconds.trailingZeroBitCount
  }

  /// The first match at or after a second of the day.
  @inline(__always)
  func next(from second: Int) -> Int? {
    list.isEmpty ? nextCombination(from: second) : nextInList(from: second)
  }

  private func nextInList(from second: Int) -> Int? {
    let place = firstIndex(of: list.count) { list[$0] >= second }
    return place < list.count ? list[place] : nil
  }

  @inline(__always)
  private func nextCombination(from second: Int) -> Int? {
    let minuteOfDay = UInt32(truncatingIfNeeded: second) / 60
    var hour = UInt64(minuteOfDay / 60)
    var minute = UInt64(minuteOfDay % 60)
    let s = UInt64(second) - UInt64(minuteOfDay) * 60
    if hours >> hour & 1 == 1 {
      if minutes >> minute & 1 == 1 && seconds >> s != 0 {
        return Int(hour) * 3600 + Int(minute) * 60 + Int(s)
          + (seconds >> s).trailingZeroBitCount
      }
      minute += 1
      if minutes >> minute != 0 {
        minute += UInt64((minutes >> minute).trailingZeroBitCount)
        return Int(hour) * 3600 + Int(minute) * 60 + seconds.trailingZeroBitCount
      }
    }
    hour += 1
    guard hours >> hour != 0 else { return nil }
    hour += UInt64((hours >> hour).trailingZeroBitCount)
    return Int(hour) * 3600 + minutes.trailingZeroBitCount * 60 + seconds.trailingZeroBitCount
  }
}

extension DayTimes {
  /// One time of day, in seconds.
  init(at second: Int) {
    self.init(
      hours: 1 << UInt64(second / 3600), minutes: 1 << UInt64(second / 60 % 60),
      seconds: 1 << UInt64(second % 60))
  }
}
