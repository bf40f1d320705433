extension EveryParser {
  /// `at 09:00, 17:30` up to the end; midnight if there is nothing.
  mutating func timesAtEnd() throws(TriggerError) -> DayTimes {
    cursor.skipSpaces()
    if cursor.atEnd { return DayTimes(list: [0]) }
    let start = cursor.position
    _ = cursor.eat(",")
    guard try eatAt() || startsTime else {
      cursor.position = start
      throw unexpected()
    }
    return try timeList()
  }

  var startsTime: Bool {
    var reader = ClockReader(cursor: cursor, word: "every", source: source, isList: true)
    do { return try reader.read() != nil } catch { return true }
  }

  /// `09:00, 17:30 and 6pm` up to the end.
  mutating func timeList() throws(TriggerError) -> DayTimes {
    var seconds: [Int] = []
    repeat {
      cursor.skipSpaces()
      var reader = ClockReader(cursor: cursor, word: "every", source: source, isList: true)
      guard let time = try reader.read() else { throw expected("a time such as 09:00") }
      guard time.nanoseconds == 0 else {
        throw error(.syntax, "a rule has whole seconds", at: cursor.position)
      }
      seconds.append(time.second)
      cursor = reader.cursor
    } while eatSeparator()
    guard cursor.atEnd else { throw unexpected() }
    return seconds.count == 1 ? DayTimes(at: seconds[0]) : DayTimes(list: seconds)
  }

  /// Places within a minute or an hour, up to the end: `:17`, `:05:30`, `05:30`.
  mutating func places(size: Int) throws(TriggerError) -> [Int] {
    var places: [Int] = []
    repeat {
      cursor.skipSpaces()
      let start = cursor.position
      let first = cursor.number(max: 1_000_000)
      let isWhole = size == 60 || [start, start + 2].contains(cursor.position)
      guard cursor.eat(":"), isWhole, let next = try part(at: start) else {
        let example = size == 60 ? "minute at :17" : "hour at :30"
        throw error(
          .syntax,
          "a place in the \(size == 60 ? "minute" : "hour") is written "
            + "\":\(first.map { digits(Int64($0), 2) } ?? "30")\", as in \"\(example)\"", at: start)
      }
      places.append(try place([first, next], size: size, at: start))
    } while eatSeparator()
    guard cursor.peek != UInt8(ascii: ":") else {
      throw error(
        .syntax, "an hour has places such as :30 or :30:15, not times of the day",
        at: cursor.position)
    }
    guard cursor.atEnd else { throw unexpected() }
    return places
  }

  private mutating func place(
    _ read: [Int?], size: Int, at start: Int
  ) throws(TriggerError) -> Int {
    var parts = read.compactMap { $0 }
    if parts.count == 1 && size == 3600 {
      parts.append(cursor.eat(":") ? try part(at: start) ?? 0 : 0)
    }
    guard parts.count == (size == 60 ? 1 : 2) else {
      throw error(
        .syntax, "a minute has places such as :17, not times of the day or of the hour", at: start)
    }
    for part in parts where part > 59 {
      throw error(.outOfRange, "\(part) is out of range 0-59", at: start)
    }
    return size == 60 ? parts[0] : parts[0] * 60 + parts[1]
  }

  private mutating func part(at start: Int) throws(TriggerError) -> Int? {
    let from = cursor.position
    guard let number = cursor.number(max: 1_000_000), cursor.position - from == 2 else {
      throw error(.syntax, "a place has two digits after each colon, as in :05", at: start)
    }
    return number
  }

  mutating func eatAt() throws(TriggerError) -> Bool {
    cursor.skipSpaces()
    return eatWords("at")
  }

  /// Skips whole words and the spaces after them; all of the words, or none.
  mutating func eatWords(_ words: String...) -> Bool {
    let start = cursor.position
    cursor.skipSpaces()
    for word in words {
      guard cursor.word() == word else {
        cursor.position = start
        return false
      }
      cursor.skipSpaces()
    }
    return true
  }

  /// `,`, `and`, `or`, or `, and`.
  mutating func eatSeparator() -> Bool {
    cursor.skipSpaces()
    let comma = cursor.eat(",")
    let word = eatWords("and") || eatWords("or")
    cursor.skipSpaces()
    return comma || word
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
    let column = cursor.column(of: start)
    return TriggerError(
      .unknownWord,
      "every \(quoted(source)): unknown word \(quoted(word)) at column \(column), "
        + (near.map { "did you mean \"\($0)\"?" } ?? Self.examples), column: column, hint: near)
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
    return error(
      .syntax, "expected \(what), found \(found)", at: copy.position)
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
    return error(.syntax, found + "; " + remedy, at: copy.position)
  }

  func error(_ code: TriggerError.Code, _ what: String, at position: Int) -> TriggerError {
    TriggerError(
      code, "every \(quoted(source)): \(what)", column: cursor.column(of: position))
  }
}
