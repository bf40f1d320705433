/// Reads one point in time: ISO 8601 with or without a zone, a time of day, `tomorrow 09:00`.
struct AtParser {
  /// The point in time that a text names.
  enum Point: Hashable {
    case instant(Timestamp)
    case local(LocalTime, nanoseconds: Int64)
    /// The next day of this kind, at this time.
    case relative(Relative, second: Int, nanoseconds: Int64)
  }
  enum Relative: Hashable {
    case nextTime, today, tomorrow
    case weekday(Int)
  }

  private var cursor: Cursor
  private let source: String
  private let options: TriggerOptions
  /// The first word of error messages.
  private let word: String

  init(_ text: String, _ options: TriggerOptions, word: String = "at") {
    self.word = word
    source = text
    cursor = Cursor(text)
    self.options = options
  }

  mutating func parse() throws(TriggerError) -> Point {
    guard cursor.end <= longestText else {
      throw TriggerError(.tooLong, "a time of \(cursor.end) characters is too long")
    }
    cursor.skipSpaces()
    let point = try point()
    cursor.skipSpaces()
    guard cursor.atEnd else { throw unexpected() }
    return point
  }

  private mutating func point() throws(TriggerError) -> Point {
    if let date = try date() { return try dateAndTime(date) }
    let start = cursor.position
    if let epoch = try epoch() { return .instant(epoch) }
    if let time = try clock() {
      return .relative(.nextTime, second: time.second, nanoseconds: time.nanoseconds)
    }
    guard let word = cursor.word() else { throw unexpected() }
    let day: Relative
    switch word {
    case "today": day = .today
    case "tomorrow": day = .tomorrow
    case "in": throw error(.unknownWord, "for a length of time write after(\"5m\")", at: start)
    case "now": throw error(.unknownWord, "to fire at once, give the job now = true", at: start)
    case "next":
      throw error(
        .unknownWord, "a weekday is the next one anyhow: write for example \"friday 17:00\"",
        at: start)
    default:
      guard let weekday = CronField.weekday.value(of: word) else { throw unknown(word, at: start) }
      day = .weekday(weekday)
    }
    skipAt()
    let time = cursor.atEnd ? nil : try clock()
    if time == nil && !cursor.atEnd { throw unexpected() }
    return .relative(day, second: time?.second ?? 0, nanoseconds: time?.nanoseconds ?? 0)
  }

  private mutating func skipAt() {
    cursor.skipSpaces()
    _ = cursor.eat(",")
    cursor.skipSpaces()
    let start = cursor.position
    if cursor.word() != "at" { cursor.position = start }
    cursor.skipSpaces()
  }

  /// `2026-12-24`, `2026-12-24 18:00`, `2026-12-24T18:00:00.5+01:00`.
  private mutating func dateAndTime(_ date: CivilDate) throws(TriggerError) -> Point {
    let afterDate = cursor.position
    if !(cursor.eat("T") || cursor.eat("t")) { skipAt() }
    var time = (second: 0, nanoseconds: Int64(0))
    if !cursor.atEnd || cursor.position == afterDate + 1 {
      if let compact = try compactClock() {
        time = compact
      } else if let read = try clock(midnightEnds: true) {
        time = read
      } else {
        throw unexpected()
      }
    }
    let local = Int64(date.dayNumber) * 86400 + Int64(time.second)
    cursor.skipSpaces()
    guard let offset = try offset() else {
      return .local(LocalTime(secondsSince1970: local), nanoseconds: time.nanoseconds)
    }
    return .instant(try instant(local - Int64(offset), time.nanoseconds))
  }

  private func instant(_ second: Int64, _ nanoseconds: Int64) throws(TriggerError) -> Timestamp {
    guard second > Zone.firstSecond && second < Zone.lastSecond else { throw tooFar(source) }
    return Timestamp(seconds: second).advanced(by: nanoseconds)
  }

  /// `YYYY-MM-DD`, or `YYYYMMDD` before a T.
  private mutating func date() throws(TriggerError) -> CivilDate? {
    let start = cursor.position
    let count = cursor.skip { isDigit($0) }
    let digits = cursor.text(start..<cursor.position)
    if count == 8, cursor.peek == UInt8(ascii: "T"), let number = Int(digits) {
      return try date(number / 10000, number / 100 % 100, number % 100, at: start)
    }
    guard count == 4, cursor.eat("-"), let year = Int(digits) else {
      cursor.position = start
      return nil
    }
    guard let month = cursor.number(), cursor.eat("-"), let day = cursor.number() else {
      throw unexpected()
    }
    return try date(year, month, day, at: start)
  }

  private func date(
    _ year: Int, _ month: Int, _ day: Int, at start: Int
  ) throws(TriggerError) -> CivilDate {
    guard (1...12).contains(month) else {
      throw error(.outOfRange, "month \(month) is out of range 1-12", at: start)
    }
    guard day >= 1, day <= CivilDate.daysInMonth(year, month) else {
      throw error(.outOfRange, "\(Names.month(month)) \(year) has no day \(day)", at: start)
    }
    guard (1678...2261).contains(year) else { throw tooFar(source) }
    return CivilDate(year: year, month: month, day: day)
  }

  /// `180000` or `1800`, after a date without dashes.
  private mutating func compactClock() throws(TriggerError) -> (second: Int, nanoseconds: Int64)? {
    let start = cursor.position
    let count = cursor.skip { isDigit($0) }
    guard count == 4 || count == 6, let number = Int(cursor.text(start..<start + count)) else {
      cursor.position = start
      return nil
    }
    let parts = count == 6 ? number : number * 100
    let (hour, minute, second) = (parts / 10000, parts / 100 % 100, parts % 100)
    guard hour <= 23, minute <= 59, second <= 59 else {
      throw error(.outOfRange, "\(cursor.text(start..<start + count)) is no time", at: start)
    }
    return (hour * 3600 + minute * 60 + second, 0)
  }

  /// Seconds since the epoch, if the text is only a number.
  private mutating func epoch() throws(TriggerError) -> Timestamp? {
    let start = cursor.position
    let isNegative = cursor.eat("-")
    let whole = cursor.skip { isDigit($0) }
    guard whole >= 9 || isNegative && whole > 0 else {
      cursor.position = start
      return nil
    }
    let number = cursor.text(start..<cursor.position)
    var nanoseconds: Int64 = 0
    if cursor.eat(".") { nanoseconds = fraction() }
    guard whole != 13 else {
      throw error(
        .tooFar, "it has milliseconds; write seconds: \(number.dropLast(3)).\(number.suffix(3))",
        at: start)
    }
    guard let second = Int64(number) else { throw tooFar(source) }
    let instant = try instant(second, 0)
    return instant.advanced(by: isNegative ? -nanoseconds : nanoseconds)
  }

  /// The digits after a decimal point, as nanoseconds.
  private mutating func fraction() -> Int64 {
    var value: Int64 = 0
    var scale: Int64 = 100_000_000
    while let byte = cursor.peek, isDigit(byte) {
      value += Int64(byte - 48) * scale
      scale /= 10
      cursor.position += 1
    }
    return value
  }

  /// A time of day; nil if there is none.
  private mutating func clock(
    midnightEnds: Bool = false
  ) throws(TriggerError) -> (second: Int, nanoseconds: Int64)? {
    var reader = ClockReader(cursor: cursor, word: word, source: source)
    let time = try reader.read(midnightEnds: midnightEnds)
    cursor = reader.cursor
    return time
  }

  /// `Z`, `+02:00`, `+0200`, `+02`, `UTC`, or the name of the zone in use.
  private mutating func offset() throws(TriggerError) -> Int? {
    if cursor.atEnd { return nil }
    let start = cursor.position
    let name = cursor.text(cursor.position..<cursor.end)
    let trimmed = String(name.prefix { !$0.isWhitespace })
    if ["Z", "UTC", "GMT"].contains(trimmed.uppercased()) {
      cursor.position += trimmed.utf8.count
      return 0
    }
    if trimmed == options.zone.name {
      cursor.position += trimmed.utf8.count
      return nil
    }
    let sign: Int
    if cursor.eat("+") {
      sign = 1
    } else if cursor.eat("-") {
      sign = -1
    } else {
      if isLetter(cursor.peek ?? 0) {
        throw error(
          .zone, "give the zone by itself, as tz = \(quoted(trimmed)), or an offset as in +02:00",
          at: start)
      }
      throw unexpected()
    }
    let from = cursor.position
    let count = cursor.skip { isDigit($0) }
    let digits = Int(cursor.text(from..<cursor.position)) ?? 0
    var (hours, minutes) = count == 4 ? (digits / 100, digits % 100) : (digits, 0)
    guard count == 2 || count == 4 else {
      throw error(.syntax, "an offset is written as in +02:00", at: start)
    }
    if count == 2 && cursor.eat(":") {
      guard let read = cursor.number() else { throw unexpected() }
      minutes = read
    }
    guard hours <= 24, minutes <= 59 else {
      throw error(.outOfRange, "the offset is out of range -24:00 to +24:00", at: start)
    }
    hours *= 3600
    return sign * (hours + minutes * 60)
  }

  private func unknown(_ name: String, at start: Int) -> TriggerError {
    let words = ["today", "tomorrow", "noon", "midnight"] + Names.weekdays
    let near = Spelling.nearest(to: name, in: words + Names.weekdays.map { String($0.prefix(3)) })
    return TriggerError(
      .unknownWord,
      "\(word) \(quoted(source)): unknown word \(quoted(name)), "
        + (near.map { "did you mean \"\($0)\"?" }
          ?? "write for example \"2026-12-24 18:00\", \"18:00\" or \"tomorrow 09:00\""),
      column: cursor.column(of: start), hint: near)
  }

  private func unexpected() -> TriggerError {
    let what =
      cursor.atEnd
      ? "it ends too early"
      : "unexpected \(quoted(cursor.rest)) "
        + "at column \(cursor.column(of: cursor.position))"
    return error(
      .syntax, what + "; write for example \"2026-12-24 18:00\", \"18:00\" or \"tomorrow 09:00\"",
      at: cursor.position)
  }

  private func tooFar(_ source: String) -> TriggerError {
    error(.tooFar, "it is outside of the years 1678 to 2261", at: 0)
  }

  private func error(
    _ code: TriggerError.Code, _ what: String, at position: Int
  ) -> TriggerError {
    TriggerError(code, "\(word) \(quoted(source)): \(what)", column: cursor.column(of: position))
  }
}
