import Glibc

/// The time of a log line, and how it is spelled.
enum LogClock {
  /// Nanoseconds since 1970.
  ///
  /// Safe because the system fills in a local variable.
  static func wall() -> Int64 {
    var time = timespec()
    let status = unsafe clock_gettime(CLOCK_REALTIME, &time)
    precondition(status == 0, "the wall clock cannot be read: errno \(errno)")
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// ISO 8601 in UTC with microseconds: `2026-03-28T11:00:00.123456Z`.
  static func iso(_ wall: Int64) -> String {
    let (second, nanosecond) = parts(wall)
    let (day, secondOfDay) = second.flooredDivision(by: 86_400)
    let date = civil(day: day)
    return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
      + "\(clock(secondOfDay)).\(padded(nanosecond / 1_000, 6))Z"
  }

  /// `12:00:00.123`, where local time is `offset` seconds ahead of UTC.
  static func timeOfDay(_ wall: Int64, offset: Int64) -> String {
    let (second, nanosecond) = parts(wall)
    let local = (second + offset).flooredDivision(by: 86_400).remainder
    return "\(clock(local)).\(padded(nanosecond / 1_000_000, 3))"
  }

  /// How many seconds local time (`TZ`, else the machine's zone) is ahead of UTC then.
  ///
  /// Safe because the system fills in a local variable; the name of the zone in it is not used.
  static func localOffset(at wall: Int64) -> Int64 {
    var second = Int(parts(wall).second)
    var local = unsafe tm()
    guard unsafe localtime_r(&second, &local) != nil else { return 0 }
    return unsafe Int64(local.tm_gmtoff)
  }

  private static func parts(_ wall: Int64) -> (second: Int64, nanosecond: Int64) {
    let (second, nanosecond) = wall.flooredDivision(by: 1_000_000_000)
    return (second, nanosecond)
  }

  /// Howard Hinnant's `civil_from_days`: years begin in March, so that the leap day is the last.
  private static func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = (day + 719_468).flooredDivision(by: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
      dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    )
  }

  private static func clock(_ second: Int64) -> String {
    "\(padded(second / 3_600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}

extension Int64 {
  fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
