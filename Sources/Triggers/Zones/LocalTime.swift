/// A reading of a wall clock in the proleptic Gregorian calendar, without a zone.
///
/// In day arithmetic the year starts in March, so that the leap day comes last, and 400 years are 146,097 days (Howard
/// Hinnant, "chrono-compatible low-level date algorithms").
public struct LocalTime: Hashable, Sendable, CustomStringConvertible {
  /// Seconds since 1970-01-01T00:00:00 on this wall clock.
  public let secondsSince1970: Int64

  var dayNumber: Int { Int(floorDivide(secondsSince1970, 86400)) }
  var secondOfDay: Int { Int(floorRemainder(secondsSince1970, 86400)) }

  public var date: CivilDate { CivilDate(dayNumber: dayNumber) }
  public var hour: Int { secondOfDay / 3600 }
  public var minute: Int { secondOfDay / 60 % 60 }
  public var second: Int { secondOfDay % 60 }

  /// `2026-03-29T02:30:00`.
  public var description: String {
    date.description + "T" + clock
  }

  /// `02:30:00`.
  var clock: String {
    digits(Int64(hour), 2) + ":" + digits(Int64(minute), 2) + ":" + digits(Int64(second), 2)
  }

  /// `02:30`, with seconds only where they are not zero.
  var shortClock: String {
    second == 0 ? digits(Int64(hour), 2) + ":" + digits(Int64(minute), 2) : clock
  }

  /// The time, and its date if that differs from the date of another time beside which it stands.
  func shortClock(besides other: LocalTime) -> String {
    shortClock + (dayNumber == other.dayNumber ? "" : " on \(date)")
  }
}

extension LocalTime {
  /// Fields out of range carry over: day 0 is the last day of the month before.
  public init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0
  ) {
    let days = CivilDate.dayNumber(year: year, month: month, day: day)
    secondsSince1970 = Int64(days * 86400 + hour * 3600 + minute * 60 + second)
  }
}

/// A day of the proleptic Gregorian calendar.
public struct CivilDate: Hashable, Sendable, CustomStringConvertible {
  public let year: Int
  /// 1 to 12.
  public let month: Int
  /// 1 to 31.
  public let day: Int
}

extension CivilDate {
  /// The day that is `dayNumber` days after 1970-01-01. Correct for some 200,000 years before and after.
  ///
  /// Neri and Schneider, "Euclidean affine functions and their application to calendar
  /// algorithms" (2022): each division is a multiplication and a shift.
  @inline(__always)
  init(dayNumber: Int) {
    let limit = 80_000_000
    let day = UInt32(
      truncatingIfNeeded: max(-limit, min(dayNumber, limit)) + 719_468 + 800 * 146_097)
    let century = (4 * day + 3) / 146_097
    let dayOfCentury = (4 * day + 3) % 146_097 / 4
    let product = 2_939_745 * UInt64(4 * dayOfCentury + 3)
    let dayOfYear = UInt32(truncatingIfNeeded: product) / 2_939_745 / 4
    let monthAndDay = 2141 * dayOfYear + 197_913
    let isNextYear = dayOfYear >= 306
    let yearFromMarch = Int(100 * century) + Int(product >> 32) - 320_000
    year = isNextYear ? yearFromMarch + 1 : yearFromMarch
    month = Int(monthAndDay >> 16) - (isNextYear ? 12 : 0)
    self.day = Int((monthAndDay & 0xFFFF) / 2141 + 1)
  }

  /// Days since 1970-01-01. A month out of 1...12 carries over into the year.
  @inline(__always)
  static func dayNumber(year: Int, month: Int, day: Int) -> Int {
    var year = year
    var month = month
    if month < 1 || month > 12 {
      year += Int(floorDivide(Int64(month - 1), 12))
      month = Int(floorRemainder(Int64(month - 1), 12)) + 1
    }
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = UInt32(truncatingIfNeeded: shifted - era * 400)
    let monthIndex = UInt32(truncatingIfNeeded: month > 2 ? month - 3 : month + 9)
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + (153 * monthIndex + 2) / 5
    return era * 146_097 + Int(dayOfEra) + day - 1 - 719_468
  }

  var dayNumber: Int { Self.dayNumber(year: year, month: month, day: day) }

  /// 0 is Sunday, as in cron.
  public var weekday: Int { Self.weekday(dayNumber: dayNumber) }

  /// Only for days that a `Timestamp` can reach.
  @inline(__always)
  static func weekday(dayNumber: Int) -> Int {
    Int(UInt32(truncatingIfNeeded: dayNumber + 4 + 7 * 100_000_000) % 7)
  }

  static func isLeap(_ year: Int) -> Bool {
    year & 3 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  @inline(__always)
  static func daysInMonth(_ year: Int, _ month: Int) -> Int {
    month == 2 ? (isLeap(year) ? 29 : 28) : 30 + ((month + month >> 3) & 1)
  }

  /// `2026-03-29`.
  public var description: String {
    (year < 0 ? "-" : "") + digits(Int64(year.magnitude), 4) + "-" + digits(Int64(month), 2) + "-"
      + digits(Int64(day), 2)
  }
}
