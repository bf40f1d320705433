/// Reads a time of day: `18:00`, `6:30:15`, `5pm`, `5:30 pm`, `noon`, `midnight`.
struct ClockReader {
  var cursor: Cursor
  /// The first word of error messages, and the whole text: `at "25:00"`.
  let word: String
  let source: String
  /// Whether a comma separates times, so that it does not begin a fraction.
  var isList = false

  /// Seconds of the day and nanoseconds; nil if there is no time here. Takes 24:00 only if `midnightEnds`.
  mutating func read(
    midnightEnds: Bool = false
  ) throws(TriggerError) -> (second: Int, nanoseconds: Int64)? {
    let start = cursor.position
    if let word = cursor.word() {
      if word == "noon" || word == "midday" { return (43200, 0) }
      if word == "midnight" { return (0, 0) }
      cursor.position = start
      return nil
    }
    guard let hour = cursor.number() else { return nil }
    guard cursor.eat(":") else { return try hourAlone(hour, at: start) }
    var parts = [hour, try twoDigits("minute")]
    var nanoseconds: Int64 = 0
    if cursor.eat(":") {
      parts.append(try twoDigits("second"))
      if cursor.eat(".") || !isList && cursor.eat(",") { nanoseconds = try fraction() }
    }
    if let half = halfOfDay() { parts[0] = try twelve(hour, half, at: start) }
    if midnightEnds && parts[0] == 24 && parts.dropFirst().allSatisfy({ $0 == 0 })
      && nanoseconds == 0
    {
      return (86400, 0)
    }
    guard parts[0] <= 23 else {
      throw error(.outOfRange, "hour \(parts[0]) is out of range 0-23", at: start)
    }
    return (parts[0] * 3600 + parts[1] * 60 + (parts.count > 2 ? parts[2] : 0), nanoseconds)
  }

  private mutating func hourAlone(
    _ hour: Int, at start: Int
  ) throws(TriggerError) -> (second: Int, nanoseconds: Int64)? {
    guard let half = halfOfDay() else {
      cursor.position = start
      return nil
    }
    return (try twelve(hour, half, at: start) * 3600, 0)
  }

  private mutating func twoDigits(_ name: String) throws(TriggerError) -> Int {
    let start = cursor.position
    guard cursor.skip(while: isDigit) == 2 else {
      throw error(.syntax, "a time has two digits for the \(name), as in 09:05", at: start)
    }
    let value = Int(cursor.bytes[start] - 48) * 10 + Int(cursor.bytes[start + 1] - 48)
    guard value <= 59 else {
      throw error(.outOfRange, "\(name) \(value) is out of range 0-59", at: start)
    }
    return value
  }

  private mutating func fraction() throws(TriggerError) -> Int64 {
    let start = cursor.position
    var value: Int64 = 0
    var scale: Int64 = 100_000_000
    while let byte = cursor.peek, isDigit(byte) {
      value += Int64(byte - 48) * scale
      scale /= 10
      cursor.position += 1
    }
    guard cursor.position > start else {
      throw error(.syntax, "digits are missing after the point", at: start)
    }
    return value
  }

  /// 0 for am, 12 for pm.
  private mutating func halfOfDay() -> Int? {
    let start = cursor.position
    cursor.skipSpaces()
    switch cursor.word() {
    case "am": return 0
    case "pm": return 12
    default:
      cursor.position = start
      return nil
    }
  }

  private func twelve(_ hour: Int, _ half: Int, at start: Int) throws(TriggerError) -> Int {
    guard (1...12).contains(hour) else {
      throw error(.outOfRange, "hour \(hour) is out of range 1-12 before am or pm", at: start)
    }
    return hour % 12 + half
  }

  private func error(
    _ code: TriggerError.Code, _ what: String, at position: Int
  ) -> TriggerError {
    TriggerError(code, "\(word) \(quoted(source)): \(what)", column: cursor.column(of: position))
  }
}
