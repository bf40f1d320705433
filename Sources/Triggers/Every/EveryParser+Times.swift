extension EveryParser {
  /// `at 09:00, 17:30` up to the end; midnight if there is nothing.
  mutating func timesAtEnd() throws(TriggerError) -> DayTimes {
    cursor.skipSpaces()
    if cursor.atEnd { return DayTimes(list: [0]) }
    let start = cursor.position
    _ = cursor.eat(",")
    cursor.skipSpaces()
    guard cursor.eatWords("at") || startsTime else {
      cursor.position = start
      throw unexpected()
    }
    return try timeList()
  }

  var startsTime: Bool {
    var copy = cursor
    do { return try copy.clock(isList: true) != nil } catch { return true }
  }

  /// `09:00, 17:30 and 6pm` up to the end.
  mutating func timeList() throws(TriggerError) -> DayTimes {
    var seconds: [Int] = []
    repeat {
      cursor.skipSpaces()
      let start = cursor.position
      guard let time = try cursor.clock(isList: true) else {
        throw expected("a time such as 09:00")
      }
      guard time.nanoseconds == 0 else {
        throw cursor.error(.syntax, "a rule has whole seconds", at: start)
      }
      seconds.append(time.second)
    } while cursor.eatSeparator()
    guard cursor.atEnd else { throw unexpected() }
    return seconds.count == 1 ? DayTimes(at: seconds[0]) : DayTimes(list: seconds)
  }

  /// Places within a minute or an hour, up to the end: `:17`, `:05:30`, `05:30`.
  mutating func places(size: Int) throws(TriggerError) -> [Int] {
    let isMinute = size == 60
    var places: [Int] = []
    repeat {
      cursor.skipSpaces()
      let start = cursor.position
      let first = cursor.number(max: 1_000_000)
      guard isMinute || [0, 2].contains(cursor.position - start), cursor.eat(":") else {
        throw cursor.error(
          .syntax,
          "a place in the \(isMinute ? "minute" : "hour") is written "
            + "\":\(first.map { digits(Int64($0), 2) } ?? "30")\", as in "
            + (isMinute ? "\"minute at :17\"" : "\"hour at :30\""), at: start)
      }
      var parts = try (first.map { [$0] } ?? []) + [part(at: start)]
      if parts.count == 1 && !isMinute { parts.append(cursor.eat(":") ? try part(at: start) : 0) }
      guard parts.count == (isMinute ? 1 : 2) else {
        throw cursor.error(
          .syntax, "a minute has places such as :17, not times of the day or of the hour", at: start
        )
      }
      for part in parts where part > 59 {
        throw cursor.error(.outOfRange, "\(part) is out of range 0-59", at: start)
      }
      places.append(parts.reduce(0) { $0 * 60 + $1 })
    } while cursor.eatSeparator()
    guard cursor.peek != UInt8(ascii: ":") else {
      throw cursor.error(
        .syntax, "an hour has places such as :30 or :30:15, not times of the day",
        at: cursor.position)
    }
    guard cursor.atEnd else { throw unexpected() }
    return places
  }

  private mutating func part(at start: Int) throws(TriggerError) -> Int {
    let from = cursor.position
    guard let number = cursor.number(max: 1_000_000), cursor.position - from == 2 else {
      throw cursor.error(.syntax, "a place has two digits after each colon, as in :05", at: start)
    }
    return number
  }
}

extension EveryParser {
  func unknownWord() -> TriggerError {
    var copy = cursor
    copy.skipSpaces()
    let start = copy.position
    guard let word = copy.word() else { return unexpected() }
    let known =
      Unit.allCases.map(\.rawValue) + ["weekday", "weekend", "first", "last"] + Names.weekdays
      + Names.months + SunEvent.Kind.allCases.map(\.rawValue)
    let short = word.count <= 3 ? Names.weekdays.map { String($0.prefix(3)) } : []
    let near = Self.synonyms[word] ?? Spelling.nearest(to: word, in: short + known)
    return cursor.error(
      .unknownWord,
      "unknown word \(quoted(word)) at column \(cursor.column(of: start)), "
        + (near.map { "did you mean \"\($0)\"?" } ?? Self.examples), at: start, hint: near)
  }

  private static let synonyms = [
    "daily": "day", "hourly": "hour", "weekly": "week", "monthly": "month", "yearly": "year",
    "annually": "year", "quarter": "3 months on the 1st", "quarterly": "3 months on the 1st",
    "fortnight": "2 weeks", "half": "30m", "midnight": "day at midnight", "workday": "weekday",
  ]

  private static let examples =
    "write for example \"10s\", \"day at 10:30\" or \"month on the 1st\""

  func expected(_ what: String) -> TriggerError {
    var copy = cursor
    copy.skipSpaces()
    let found = copy.atEnd ? "the end" : quoted(copy.rest)
    return cursor.error(.syntax, "expected \(what), found \(found)", at: copy.position)
  }

  func unexpected() -> TriggerError {
    var copy = cursor
    copy.skipSpaces()
    let found = copy.atEnd ? "it ends too early" : "unexpected \(quoted(copy.rest))"
    let zone = copy.rest.prefix(100).split(separator: " ").last { $0.contains("/") || $0 == "UTC" }
    let onDays =
      copy.rest.lowercased().hasPrefix("on ")
      ? "a place follows \"at\", as in \"hour at :00\"; for days write for example "
        + "cron(\"*/15 * * * mon-fri\")" : nil
    let remedy =
      zone.map { "give the zone by itself, as tz = \(quoted($0))" } ?? onDays ?? Self.examples
    return cursor.error(.syntax, found + "; " + remedy, at: copy.position)
  }
}
