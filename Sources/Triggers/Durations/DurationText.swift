/// Durations as people write them: `250ms`, `10s`, `1h30m`, `2 days`, `1w`, `PT1H30M`.
///
/// All durations are fixed: a day is 24 hours, a week 7 days, and months and years are refused. They last from 100
/// microseconds, the tick of the timer wheel, to 292 years.
public struct DurationText {
  /// The shortest duration of a timer, in nanoseconds.
  public static let shortest: Int64 = 100_000

  /// Reads a duration. Returns nanoseconds, more than zero; an error names the mistake and what to write instead.
  public static func parse(_ text: String) throws(TriggerError) -> Int64 {
    guard text.utf8.count <= longestText else {
      throw TriggerError(.tooLong, "a duration of \(text.utf8.count) characters is too long")
    }
    if let length = parseShort(text.utf8) { return length }
    return try parse(text, from: 0)
  }

  /// Reads a number with a short unit, the common form. Nil for any other form, and for a length that `parse` refuses.
  static func parseShort(_ text: String.UTF8View) -> Int64? {
    var number: Int64 = 0
    var digits = 0
    var unit: UInt64 = 0
    for byte in text {
      if unit == 0, isDigit(byte), digits < 9 {
        number = number * 10 + Int64(byte - UInt8(ascii: "0"))
        digits += 1
      } else {
        guard digits > 0, unit <= 0xFF, byte != 0 else { return nil }
        unit = unit << 8 | UInt64(byte)
      }
    }
    guard let size = size(of: unit) else { return nil }
    let (length, overflow) = number.multipliedReportingOverflow(by: size)
    return overflow || length < shortest ? nil : length
  }

  /// The nanoseconds of a short unit, given by its bytes. A table would take longer to build than a start may take.
  private static func size(of unit: UInt64) -> Int64? {
    switch unit {
    case 0x73: 1_000_000_000  // s
    case 0x6D: 60_000_000_000  // m
    case 0x68: 3_600_000_000_000  // h
    case 0x6D73: 1_000_000  // ms
    case 0x64: 86_400_000_000_000  // d
    case 0x77: 604_800_000_000_000  // w
    case 0x7573: 1_000  // us
    case 0x6E73: 1  // ns
    default: nil
    }
  }

  /// Reads a duration that begins at a position of a text and ends with it.
  static func parse(_ text: String, from start: Int) throws(TriggerError) -> Int64 {
    var parser = DurationParser(text, from: start)
    return try checked(try parser.parse(), quoted(text))
  }

  /// Converts a number of seconds that a script passes.
  public static func nanoseconds(seconds: Double) throws(TriggerError) -> Int64 {
    guard seconds.isFinite else {
      throw TriggerError(.outOfRange, "\(seconds) is not a duration; write a number of seconds")
    }
    guard seconds.magnitude < 1e10 else { throw tooLong("\(seconds) seconds") }
    let whole = floor(seconds)
    let rest = round((seconds - Double(whole)) * 1e9)
    return try checked(
      Int128(whole) * 1_000_000_000 + Int128(rest), number(seconds) + " seconds")
  }

  static func checked(
    _ nanoseconds: Int128, _ what: @autoclosure () -> String
  ) throws(TriggerError) -> Int64 {
    guard nanoseconds > 0 else {
      let why = nanoseconds == 0 ? "is no time at all" : "is negative"
      throw TriggerError(
        .outOfRange, "\(what()) \(why); a duration is more than zero", column: 1, hint: "10s")
    }
    guard nanoseconds >= shortest else {
      throw TriggerError(
        .tooOften,
        "\(what()) is too short: nothing fires more often than the wheel can, whose tick is "
          + "100 microseconds",
        hint: "100us")
    }
    guard let nanoseconds = Int64(exactly: nanoseconds) else { throw tooLong(what()) }
    return nanoseconds
  }

  static func tooLong(_ what: String) -> TriggerError {
    TriggerError(.tooFar, "\(what) is longer than 292 years, the longest duration there is")
  }

  private static func number(_ seconds: Double) -> String {
    seconds == Double(floor(seconds)) ? String(Int64(seconds)) : String(seconds)
  }

  /// A unit: its length, its short and its long name, and the other names that `parse` takes.
  private typealias Unit = (size: Int64, short: String, long: String, others: [String])

  private static let units: [Unit] = [
    (604_800_000_000_000, "w", "week", ["wk", "wks"]),
    (86_400_000_000_000, "d", "day", []),
    (3_600_000_000_000, "h", "hour", ["hr", "hrs"]),
    (60_000_000_000, "m", "minute", ["min", "mins"]),
    (1_000_000_000, "s", "second", ["sec", "secs"]),
    (1_000_000, "ms", "millisecond", ["msec", "msecs"]),
    (1_000, "us", "microsecond", ["µs", "μs", "usec"]),
    (1, "ns", "nanosecond", []),
  ]

  /// The lengths of all names of units.
  static let sizes: [String: Int64] = {
    var sizes: [String: Int64] = [:]
    for unit in units {
      for name in [unit.short, unit.long, unit.long + "s"] + unit.others { sizes[name] = unit.size }
    }
    return sizes
  }()

  /// The text that a user wrote; empty if it is the shortest text of that length.
  static func unlessShortest(_ text: String, of nanoseconds: Int64) -> String {
    text == format(nanoseconds) ? "" : text
  }

  /// The shortest exact text: `1h30m`, `2d`, `500ms`; `parse` reads it back.
  public static func format(_ nanoseconds: Int64) -> String {
    var text = ""
    forEachPart(of: nanoseconds) { count, unit in
      text += String(count)
      text += unit.short
    }
    return text
  }

  /// In words: `1 hour 30 minutes`, `10 seconds`.
  public static func words(_ nanoseconds: Int64) -> String {
    var parts: [String] = []
    forEachPart(of: nanoseconds) { count, unit in
      parts.append("\(count) \(unit.long)\(count == 1 ? "" : "s")")
    }
    return parts.joined(separator: " ")
  }

  private static func forEachPart(of nanoseconds: Int64, _ body: (Int64, Unit) -> Void) {
    if nanoseconds <= 0 { return body(0, units[4]) }
    var rest = nanoseconds
    for unit in units where rest >= unit.size {
      // Only whole weeks are written as weeks: "1w", but "8d".
      if unit.short == "w" && rest % unit.size != 0 { continue }
      body(rest / unit.size, unit)
      rest %= unit.size
    }
  }
}
