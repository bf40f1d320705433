/// Reads one duration; see `DurationText`.
struct DurationParser {
  private var cursor: Cursor
  private let source: String
  private var total: Int128 = 0
  private var seen: Set<Int64> = []

  init(_ text: String) {
    source = text
    cursor = Cursor(text)
  }

  /// Reads a part of a longer text. Messages and columns refer to the whole text.
  init(_ text: String, from start: Int) {
    source = text
    cursor = Cursor(text)
    cursor.position = start
  }

  mutating func parse() throws(TriggerError) -> Int128 {
    cursor.skipSpaces()
    if cursor.atEnd {
      throw TriggerError(.syntax, "the duration is empty; write for example \"10s\"", hint: "10s")
    }
    let start = cursor.position
    if cursor.eat("-") { return -1 }
    if cursor.eat("P") || cursor.eat("p") {
      try isoParts()
    } else {
      cursor.position = start
      try parts()
    }
    return total
  }

  private mutating func parts() throws(TriggerError) {
    while true {
      try part()
      cursor.skipSpaces()
      if cursor.atEnd { return }
      let comma = cursor.eat(",")
      cursor.skipSpaces()
      let before = cursor.position
      if cursor.word() != "and" { cursor.position = before } else { cursor.skipSpaces() }
      if comma && cursor.atEnd { throw refused("ends in a comma", at: before) }
    }
  }

  private mutating func part() throws(TriggerError) {
    let start = cursor.position
    guard let value = try amount() else {
      let end = cursor.position
      if let word = cursor.word(), word == "a" || word == "an" || word == "one" {
        cursor.skipSpaces()
        return add(DecimalAmount(digits: 1, scale: 0), try unit(of: "1"))
      }
      throw refused("has no number at column \(cursor.column(of: end))", at: end)
    }
    let number = cursor.text(start..<cursor.position)
    cursor.skipSpaces()
    add(value, try unit(of: number))
  }

  private mutating func unit(of number: String) throws(TriggerError) -> Int64 {
    let start = cursor.position
    let length = cursor.skip { isLetter($0) || $0 >= 128 }
    let word = cursor.text(start..<start + length)
    if length == 0 {
      if cursor.atEnd && seen.isEmpty && Int(number) == 0 { return 1 }
      if cursor.peek == UInt8(ascii: ":") {
        throw refused("looks like a time of day; write for example \"1h30m\"", at: start)
      }
      if cursor.peek == UInt8(ascii: ",") {
        throw refused("has a number without a unit; decimals have a point, as in 1.5h", at: start)
      }
      throw TriggerError(
        .syntax,
        "\(quoted(source)) has no unit; write \(quoted(number + "s")) or the number \(number)",
        column: cursor.column(of: start), hint: number + "s")
    }
    let size = try Self.size(of: word, number, at: cursor.column(of: start))
    guard seen.insert(size).inserted else {
      throw refused("names \(quoted(word)) twice", at: start)
    }
    return size
  }

  private static func size(
    of word: String, _ number: String, at column: Int
  ) throws(TriggerError) -> Int64 {
    let lower = word.lowercased()
    if word == "M" {
      throw TriggerError(
        .syntax, "\"\(number)M\" could be minutes or months; write \"\(number)m\" for minutes",
        column: column, hint: number + "m")
    }
    if let size = sizes[lower] { return size }
    if ["mo", "mon", "month", "months", "y", "yr", "year", "years"].contains(lower) {
      let count = Int(number).flatMap { (1...1000).contains($0) ? $0 : nil } ?? 1
      throw notFixed(word, months: count * (lower.hasPrefix("m") ? 1 : 12), column)
    }
    let near = Spelling.nearest(to: lower, in: sizes.keys.filter { $0.count > 2 }.sorted())
    throw TriggerError(
      .unknownWord,
      "unknown unit \(quoted(word)) at column \(column), "
        + (near.map { "did you mean \"\($0)\"?" } ?? "write ms, s, m, h, d or w"),
      column: column, hint: near)
  }

  private static func notFixed(
    _ what: String, months: Int = 1, _ column: Int
  ) -> TriggerError {
    let rule = months == 1 ? "month on the 1st" : "\(months) months on the 1st"
    return TriggerError(
      .syntax,
      "\(quoted(what)) is not a fixed length; write days, as in \"30 days\", or a calendar rule, "
        + "as in every(\"\(rule)\")",
      column: column, hint: "30 days")
  }

  private static let sizes: [String: Int64] = {
    let names: [[String]] = [
      ["w", "wk", "wks", "week", "weeks"], ["d", "day", "days"],
      ["h", "hr", "hrs", "hour", "hours"], ["m", "min", "mins", "minute", "minutes"],
      ["s", "sec", "secs", "second", "seconds"],
      ["ms", "msec", "msecs", "millisecond", "milliseconds"],
      ["us", "µs", "μs", "usec", "microsecond", "microseconds"],
      ["ns", "nanosecond", "nanoseconds"],
    ]
    var sizes: [String: Int64] = [:]
    for (step, words) in zip(DurationText.steps, names) {
      for word in words { sizes[word] = step.size }
    }
    return sizes
  }()

  /// The text after the P of ISO 8601: `nW`, or `nDTnHnMnS`.
  private mutating func isoParts() throws(TriggerError) {
    var isTime = false
    var order = 0
    while !cursor.atEnd {
      if !isTime && (cursor.eat("T") || cursor.eat("t")) {
        isTime = true
        if cursor.atEnd { break }
      }
      let start = cursor.position
      guard let value = try amount(), let letter = cursor.peek else {
        throw refused("is not an ISO 8601 duration; write for example \"PT1H30M\"", at: start)
      }
      let units: [UInt8: (size: Int64, order: Int)] =
        isTime
        ? [104: (3_600_000_000_000, 3), 109: (60_000_000_000, 4), 115: (1_000_000_000, 5)]
        : [119: (604_800_000_000_000, 1), 100: (86_400_000_000_000, 2)]
      if !isTime && (letter | 32 == 109 || letter | 32 == 121) {
        throw Self.notFixed(source, cursor.column(of: start))
      }
      guard let unit = units[letter | 32], unit.order > order else {
        throw refused("is not an ISO 8601 duration; write for example \"PT1H30M\"", at: start)
      }
      cursor.position += 1
      order = unit.order
      add(value, unit.size)
    }
    if order == 0 || cursor.bytes[cursor.end - 1] | 32 == 116 {
      throw refused("is not an ISO 8601 duration; write for example \"PT1H30M\"", at: 0)
    }
  }

  private struct DecimalAmount {
    var digits: Int128
    var scale: Int
  }

  /// A decimal number, exact to 12 places.
  private mutating func amount() throws(TriggerError) -> DecimalAmount? {
    let start = cursor.position
    let whole = cursor.skip { isDigit($0) }
    if whole == 0 && cursor.peek != UInt8(ascii: ".") { return nil }
    var digits = cursor.text(start..<cursor.position)
    var scale = 0
    let isFraction = { (c: Cursor) in
      c.position + 1 < c.end && isDigit(c.bytes[c.position + 1])
    }
    if cursor.peek == UInt8(ascii: "."), isFraction(cursor) {
      cursor.position += 1
      let from = cursor.position
      let count = min(12, cursor.skip { isDigit($0) })
      digits += cursor.text(from..<from + count)
      scale = count
    }
    if digits.isEmpty { return nil }
    guard let value = Int128(digits), whole <= 18 else {
      throw TriggerError(
        .tooFar, "\(quoted(source)) is longer than 292 years, the longest duration there is")
    }
    return DecimalAmount(digits: value, scale: scale)
  }

  private mutating func add(_ amount: DecimalAmount, _ size: Int64) {
    var power: Int128 = 1
    for _ in 0..<amount.scale { power *= 10 }
    // Whole number and fraction are multiplied apart, because 18 digits and 12 more, times a week, exceed every type.
    let (whole, rest) = amount.digits.quotientAndRemainder(dividingBy: power)
    total += whole * Int128(size) + rest * Int128(size) / power
  }

  private func refused(_ why: String, at position: Int) -> TriggerError {
    TriggerError(
      .syntax, "\(quoted(source)) \(why)", column: cursor.column(of: position), hint: "10s")
  }
}
