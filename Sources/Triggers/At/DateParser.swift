/// Reads one entry of `dates`.
struct DateParser {
  enum Entry: Hashable {
    case range(ClosedRange<Int>)
    case yearly(month: Int, day: Int)
  }

  private var cursor: Cursor
  private let source: String

  init(_ text: String) {
    source = text
    cursor = Cursor(text)
  }

  mutating func parse() throws(TriggerError) -> Entry {
    cursor.skipSpaces()
    if let yearly = try yearly() { return yearly }
    let first = try date()
    cursor.skipSpaces()
    if cursor.atEnd { return .range(first...first) }
    let start = cursor.position
    guard cursor.eat(".") && cursor.eat(".") || cursor.word() == "to" else {
      throw refused(at: start)
    }
    cursor.skipSpaces()
    let last = try date()
    cursor.skipSpaces()
    guard cursor.atEnd else { throw refused(at: cursor.position) }
    guard first <= last else {
      throw TriggerError(.outOfRange, "dates: \(quoted(source)) ends before it starts", column: 1)
    }
    return .range(first...last)
  }

  /// `12-25`.
  private mutating func yearly() throws(TriggerError) -> Entry? {
    let start = cursor.position
    guard let month = cursor.number(max: 99), cursor.position - start == 2, cursor.eat("-"),
      let day = cursor.number(max: 99), cursor.atEnd
    else {
      cursor.position = start
      return nil
    }
    // A leap year, in which 02-29 exists.
    try check(2024, month, day, "every year", at: start)
    return .yearly(month: month, day: day)
  }

  private mutating func date() throws(TriggerError) -> Int {
    let start = cursor.position
    guard let year = cursor.number(max: 9999), cursor.position - start == 4, cursor.eat("-"),
      let month = cursor.number(max: 99), cursor.eat("-"), let day = cursor.number(max: 99)
    else { throw refused(at: start) }
    guard (1678...2261).contains(year) else {
      throw TriggerError(
        .tooFar, "dates: \(quoted(source)) is outside of the years 1678 to 2261", column: 1)
    }
    try check(year, month, day, String(year), at: start)
    return CivilDate.dayNumber(year: year, month: month, day: day)
  }

  private func check(
    _ year: Int, _ month: Int, _ day: Int, _ name: String, at start: Int
  ) throws(TriggerError) {
    guard (1...12).contains(month) else {
      throw TriggerError(
        .outOfRange, "dates: \(quoted(source)): month \(month) is out of range 1-12",
        column: cursor.column(of: start))
    }
    guard day >= 1, day <= CivilDate.daysInMonth(year, month) else {
      throw TriggerError(
        .outOfRange, "dates: \(quoted(source)): \(Names.month(month)) \(name) has no day \(day)",
        column: cursor.column(of: start))
    }
  }

  private func refused(at position: Int) -> TriggerError {
    TriggerError(
      .syntax,
      "dates: \(quoted(source)) is not a date; write \"2026-12-25\", \"2026-12-24..2026-12-26\", "
        + "or \"12-25\" for every year", column: cursor.column(of: position), hint: "2026-12-25")
  }
}
