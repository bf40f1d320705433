/// Reads one point in time: ISO 8601 with or without a zone, a time of day, `tomorrow 09:00`.
struct AtParser {
  /// The point in time that a text names.
  enum Point {
    case instant(Timestamp)
    case local(LocalTime, nanoseconds: Int64)
    /// At this time on the first of some days on which it is still to come, or on the only day.
    case relative(days: [Int], second: Int, nanoseconds: Int64)
  }

  private(set) var cursor: Cursor
  let options: TriggerOptions

  /// `word` is the first word of error messages.
  init(_ text: String, _ options: TriggerOptions, word: String = "at") {
    cursor = Cursor(text, label: word)
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
    let today = options.zone.localTime(of: options.now).dayNumber
    if let (second, nanoseconds) = try cursor.clock() {
      return .relative(
        days: Array(today...today + 3), second: second, nanoseconds: nanoseconds)
    }
    guard let word = cursor.word() else { throw unexpected() }
    let days: [Int]
    switch word {
    case "today": days = [today]
    case "tomorrow": days = [today + 1]
    case "in":
      throw cursor.error(.unknownWord, "for a length of time write after(\"5m\")", at: start)
    case "now":
      throw cursor.error(.unknownWord, "to fire at once, give the job now = true", at: start)
    case "next":
      throw cursor.error(
        .unknownWord, "a weekday is the next one anyhow: write for example \"friday 17:00\"",
        at: start)
    default:
      guard let weekday = CronField.weekday.value(of: word) else { throw unknown(word, at: start) }
      let first = today + (weekday - CivilDate.weekday(dayNumber: today) + 7) % 7
      days = [first, first + 7, first + 14]
    }
    skipAt()
    let time = try cursor.clock()
    return .relative(
      days: days, second: time?.second ?? 0, nanoseconds: time?.nanoseconds ?? 0)
  }

  private mutating func skipAt() {
    cursor.skipSpaces()
    _ = cursor.eat(",")
    cursor.skipSpaces()
    _ = cursor.eatWords("at")
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
      } else if let read = try cursor.clock(midnightEnds: true) {
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
    guard second > Zone.firstSecond && second < Zone.lastSecond else { throw tooFar() }
    return Timestamp(seconds: second).advanced(by: nanoseconds)
  }

  /// `YYYY-MM-DD`, or `YYYYMMDD` before a T.
  private mutating func date() throws(TriggerError) -> CivilDate? {
    let start = cursor.position
    guard let number = cursor.number() else { return nil }
    let count = cursor.position - start
    if count == 8, cursor.peek == UInt8(ascii: "T") {
      return try date(number / 10000, number / 100 % 100, number % 100, at: start)
    }
    guard count == 4, cursor.eat("-") else {
      cursor.position = start
      return nil
    }
    guard let month = cursor.number(), cursor.eat("-"), let day = cursor.number() else {
      throw unexpected()
    }
    return try date(number, month, day, at: start)
  }

  private func date(
    _ year: Int, _ month: Int, _ day: Int, at start: Int
  ) throws(TriggerError) -> CivilDate {
    try cursor.checkDate(year, month, day, in: String(year), at: start)
    guard (1678...2261).contains(year) else { throw tooFar() }
    return CivilDate(year: year, month: month, day: day)
  }

  /// `180000` or `1800`, after a date without dashes.
  private mutating func compactClock() throws(TriggerError) -> (second: Int, nanoseconds: Int64)? {
    let start = cursor.position
    guard let number = cursor.number(), [4, 6].contains(cursor.position - start) else {
      cursor.position = start
      return nil
    }
    let parts = cursor.position - start == 6 ? number : number * 100
    let (hour, minute, second) = (parts / 10000, parts / 100 % 100, parts % 100)
    guard hour <= 23, minute <= 59, second <= 59 else {
      throw cursor.error(
        .outOfRange, "\(cursor.text(start..<cursor.position)) is no time", at: start)
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
    if cursor.eat(".") { nanoseconds = cursor.fraction() }
    guard whole != 13 else {
      throw cursor.error(
        .tooFar, "it has milliseconds; write seconds: \(number.dropLast(3)).\(number.suffix(3))",
        at: start)
    }
    guard let second = Int64(number) else { throw tooFar() }
    let instant = try instant(second, 0)
    return instant.advanced(by: isNegative ? -nanoseconds : nanoseconds)
  }

  /// `Z`, `+02:00`, `+0200`, `+02`, `UTC`, or the name of the zone in use.
  private mutating func offset() throws(TriggerError) -> Int? {
    if cursor.atEnd { return nil }
    let start = cursor.position
    let name = String(cursor.rest.prefix { !$0.isWhitespace })
    let isUTC = ["Z", "UTC", "GMT"].contains(name.uppercased())
    if isUTC || name == options.zone.name {
      cursor.position += name.utf8.count
      return isUTC ? 0 : nil
    }
    let isWest = cursor.eat("-")
    guard isWest || cursor.eat("+") else {
      guard isLetter(cursor.peek ?? 0) else { throw unexpected() }
      throw cursor.error(
        .zone, "give the zone by itself, as tz = \(quoted(name)), or an offset as in +02:00",
        at: start)
    }
    let from = cursor.position
    guard let digits = cursor.number(), [2, 4].contains(cursor.position - from) else {
      throw cursor.error(.syntax, "an offset is written as in +02:00", at: start)
    }
    let isShort = cursor.position - from == 2
    var (hours, minutes) = isShort ? (digits, 0) : (digits / 100, digits % 100)
    if isShort && cursor.eat(":") {
      guard let read = cursor.number() else { throw unexpected() }
      minutes = read
    }
    guard hours <= 24, minutes <= 59 else {
      throw cursor.error(
        .outOfRange, "the offset is out of range -24:00 to +24:00", at: start)
    }
    return (isWest ? -60 : 60) * (hours * 60 + minutes)
  }

  private func unknown(_ name: String, at start: Int) -> TriggerError {
    let words = ["today", "tomorrow", "noon", "midnight"] + Names.weekdays
    let near = Spelling.nearest(to: name, in: words + Names.weekdays.map { String($0.prefix(3)) })
    return cursor.error(
      .unknownWord,
      "unknown word \(quoted(name)), "
        + (near.map { "did you mean \"\($0)\"?" } ?? Self.examples),
      at: start, hint: near)
  }

  private static let examples =
    "write for example \"2026-12-24 18:00\", \"18:00\" or \"tomorrow 09:00\""

  private func unexpected() -> TriggerError {
    let what =
      cursor.atEnd
      ? "it ends too early"
      : "unexpected \(quoted(cursor.rest)) at column \(cursor.column(of: cursor.position))"
    return cursor.error(.syntax, what + "; " + Self.examples, at: cursor.position)
  }

  private func tooFar() -> TriggerError {
    cursor.error(.tooFar, "it is outside of the years 1678 to 2261", at: 0)
  }
}
