/// Reads one duration; see `DurationText`.
struct DurationParser {
  private var cursor: Cursor
  private var total: Int128 = 0
  private var seen: Set<Int64> = []

  /// Begins at a position of a text. Messages and columns refer to the whole text.
  init(_ text: String, from start: Int = 0) {
    cursor = Cursor(text)
    cursor.position = start
  }

  mutating func parse() throws(TriggerError) -> Int128 {
    cursor.skipSpaces()
    if cursor.atEnd {
      throw TriggerError(.syntax, "the duration is empty; write for example \"10s\"", hint: "10s")
    }
    if cursor.eat("-") { return -1 }
    if cursor.eat("P") || cursor.eat("p") { try isoParts() } else { try parts() }
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
      if cursor.word() != "and" { cursor.position = before }
      cursor.skipSpaces()
      if comma && cursor.atEnd { throw refused("ends in a comma", at: before) }
    }
  }

  private mutating func part() throws(TriggerError) {
    let start = cursor.position
    guard let value = try amount() else {
      if ["a", "an", "one"].contains(cursor.word()) {
        cursor.skipSpaces()
        return add((digits: 1, scale: 0), try unit(of: "1"))
      }
      throw refused("has no number at column \(cursor.column(of: start))", at: start)
    }
    let number = cursor.text(start..<cursor.position)
    cursor.skipSpaces()
    add(value, try unit(of: number))
  }

  private mutating func unit(of number: String) throws(TriggerError) -> Int64 {
    let start = cursor.position
    cursor.skip { isLetter($0) || $0 >= 128 }
    let word = cursor.text(start..<cursor.position)
    if word.isEmpty {
      if cursor.atEnd && seen.isEmpty && Int(number) == 0 { return 1 }
      if cursor.peek == UInt8(ascii: ":") {
        throw refused("looks like a time of day; write for example \"1h30m\"", at: start)
      }
      if cursor.peek == UInt8(ascii: ",") {
        throw refused("has a number without a unit; decimals have a point, as in 1.5h", at: start)
      }
      throw refused(
        "has no unit; write \(quoted(number + "s")) or the number \(number)", at: start,
        hint: number + "s")
    }
    let size = try size(of: word, number, at: start)
    guard seen.insert(size).inserted else {
      throw refused("names \(quoted(word)) twice", at: start)
    }
    return size
  }

  private func size(
    of word: String, _ number: String, at start: Int
  ) throws(TriggerError) -> Int64 {
    let lower = word.lowercased()
    let column = cursor.column(of: start)
    if word == "M" {
      throw TriggerError(
        .syntax, "\"\(number)M\" could be minutes or months; write \"\(number)m\" for minutes",
        column: column, hint: number + "m")
    }
    if let size = DurationText.sizes[lower] { return size }
    if ["mo", "mon", "month", "months", "y", "yr", "year", "years"].contains(lower) {
      let count = Int(number).flatMap { (1...1000).contains($0) ? $0 : nil } ?? 1
      throw notFixed(word, months: count * (lower.hasPrefix("m") ? 1 : 12), at: start)
    }
    let near = Spelling.nearest(
      to: lower, in: DurationText.sizes.keys.filter { $0.count > 2 }.sorted())
    throw TriggerError(
      .unknownWord,
      "unknown unit \(quoted(word)) at column \(column), "
        + (near.map { "did you mean \"\($0)\"?" } ?? "write ms, s, m, h, d or w"),
      column: column, hint: near)
  }

  private func notFixed(_ what: String, months: Int, at start: Int) -> TriggerError {
    let rule = months == 1 ? "month on the 1st" : "\(months) months on the 1st"
    return TriggerError(
      .syntax,
      "\(quoted(what)) is not a fixed length; write days, as in \"30 days\", or a calendar rule, "
        + "as in every(\"\(rule)\")",
      column: cursor.column(of: start), hint: "30 days")
  }

  /// The text after the P of ISO 8601: `nW`, or `nDTnHnMnS`.
  private mutating func isoParts() throws(TriggerError) {
    var units = Substring("wd")
    var isTime = false
    repeat {
      if !isTime && (cursor.eat("T") || cursor.eat("t")) { (isTime, units) = (true, "hms") }
      let start = cursor.position
      guard let value = try amount(), let letter = cursor.peek else { throw notISO(at: start) }
      let unit = Character(Unicode.Scalar(letter | 32))
      if !isTime && (unit == "m" || unit == "y") {
        throw notFixed(cursor.source, months: 1, at: start)
      }
      guard let place = units.firstIndex(of: unit), let size = DurationText.sizes[String(unit)]
      else { throw notISO(at: start) }
      // The units come in order, each once.
      units = units[place...].dropFirst()
      cursor.position += 1
      add(value, size)
    } while !cursor.atEnd
  }

  /// If the rest is missing, the mistake is the whole text.
  private func notISO(at start: Int) -> TriggerError {
    refused(
      "is not an ISO 8601 duration; write for example \"PT1H30M\"",
      at: start == cursor.end ? 0 : start)
  }

  /// A decimal number, exact to 12 places: its digits, and how many of them are after the point.
  private mutating func amount() throws(TriggerError) -> (digits: Int128, scale: Int)? {
    let start = cursor.position
    let whole = cursor.skip(while: isDigit)
    var digits = cursor.text(start..<cursor.position)
    var scale = 0
    if cursor.eat(".") {
      let from = cursor.position
      scale = min(12, cursor.skip(while: isDigit))
      digits += cursor.text(from..<from + scale)
      // A point without digits after it is no part of the number.
      if scale == 0 { cursor.position -= 1 }
    }
    if digits.isEmpty { return nil }
    guard let value = Int128(digits), whole <= 18 else {
      throw DurationText.tooLong(quoted(cursor.source))
    }
    return (value, scale)
  }

  private mutating func add(_ amount: (digits: Int128, scale: Int), _ size: Int64) {
    var power: Int128 = 1
    for _ in 0..<amount.scale { power *= 10 }
    // Whole number and fraction are multiplied apart, because 18 digits and 12 more, times a week, exceed every type.
    let (whole, rest) = amount.digits.quotientAndRemainder(dividingBy: power)
    total += whole * Int128(size) + rest * Int128(size) / power
  }

  private func refused(_ why: String, at position: Int, hint: String = "10s") -> TriggerError {
    TriggerError(
      .syntax, "\(quoted(cursor.source)) \(why)", column: cursor.column(of: position), hint: hint)
  }
}
