extension Cursor {
  /// Reads a time of day: `18:00`, `6:30:15`, `5pm`, `5:30 pm`, `noon`, `midnight`.
  ///
  /// Seconds of the day and nanoseconds; nil if there is no time here.
  ///
  /// - Parameters:
  ///   - isList: whether a comma separates times, so that it does not begin a fraction.
  ///   - midnightEnds: whether 24:00 is a time.
  mutating func clock(
    isList: Bool = false, midnightEnds: Bool = false
  ) throws(TriggerError) -> (second: Int, nanoseconds: Int64)? {
    let start = position
    switch word() {
    case "noon", "midday": return (43200, 0)
    case "midnight": return (0, 0)
    default: position = start
    }
    guard let hour = number() else { return nil }
    guard eat(":") else {
      guard let half = halfOfDay() else {
        position = start
        return nil
      }
      return (try twelve(hour, half, at: start) * 3600, 0)
    }
    var time = (second: try twoDigits("minute") * 60, nanoseconds: Int64(0))
    if eat(":") {
      time.second += try twoDigits("second")
      if eat(".") || !isList && eat(",") { time.nanoseconds = try clockFraction() }
    }
    let hourOfDay = if let half = halfOfDay() { try twelve(hour, half, at: start) } else { hour }
    if midnightEnds && hourOfDay == 24 && time == (0, 0) { return (86400, 0) }
    guard hourOfDay <= 23 else {
      throw error(.outOfRange, "hour \(hourOfDay) is out of range 0-23", at: start)
    }
    time.second += hourOfDay * 3600
    return time
  }

  private mutating func twoDigits(_ name: String) throws(TriggerError) -> Int {
    let start = position
    guard let value = number(), position == start + 2 else {
      throw error(.syntax, "a time has two digits for the \(name), as in 09:05", at: start)
    }
    guard value <= 59 else {
      throw error(.outOfRange, "\(name) \(value) is out of range 0-59", at: start)
    }
    return value
  }

  private mutating func clockFraction() throws(TriggerError) -> Int64 {
    guard isDigit(peek ?? 0) else {
      throw error(.syntax, "digits are missing after the point", at: position)
    }
    return fraction()
  }

  /// The digits after a decimal point, as nanoseconds.
  mutating func fraction() -> Int64 {
    var value: Int64 = 0
    var scale: Int64 = 100_000_000
    while let byte = peek, isDigit(byte) {
      value += Int64(byte - 48) * scale
      scale /= 10
      position += 1
    }
    return value
  }

  /// 0 for am, 12 for pm.
  private mutating func halfOfDay() -> Int? {
    let start = position
    skipSpaces()
    switch word() {
    case "am": return 0
    case "pm": return 12
    default:
      position = start
      return nil
    }
  }

  private func twelve(_ hour: Int, _ half: Int, at start: Int) throws(TriggerError) -> Int {
    guard (1...12).contains(hour) else {
      throw error(.outOfRange, "hour \(hour) is out of range 1-12 before am or pm", at: start)
    }
    return hour % 12 + half
  }
}

extension Cursor {
  /// Refuses a month or a day that does not exist. `name` is that of the year.
  func checkDate(
    _ year: Int, _ month: Int, _ day: Int, in name: String, at start: Int
  ) throws(TriggerError) {
    guard (1...12).contains(month) else {
      throw error(.outOfRange, "month \(month) is out of range 1-12", at: start)
    }
    guard day >= 1, day <= CivilDate.daysInMonth(year, month) else {
      throw error(.outOfRange, "\(Names.month(month)) \(name) has no day \(day)", at: start)
    }
  }
}
