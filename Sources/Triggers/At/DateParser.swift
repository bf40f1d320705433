/// Reads the entries of `dates`, one after the other.
struct DateParser {
  private(set) var ranges: [ClosedRange<Int>] = []
  private(set) var yearly: [(month: Int, day: Int)] = []
  private var cursor = Cursor("")

  mutating func read(_ text: String) throws(TriggerError) {
    cursor = Cursor(text, label: "dates:")
    cursor.skipSpaces()
    if try readYearly() { return }
    let first = try date()
    cursor.skipSpaces()
    if cursor.atEnd { return ranges.append(first...first) }
    let start = cursor.position
    guard cursor.eat(".") && cursor.eat(".") || cursor.word() == "to" else {
      throw refused(at: start)
    }
    cursor.skipSpaces()
    let last = try date()
    cursor.skipSpaces()
    guard cursor.atEnd else { throw refused(at: cursor.position) }
    guard first <= last else {
      throw TriggerError(.outOfRange, "\(cursor.subject) ends before it starts", column: 1)
    }
    ranges.append(first...last)
  }

  /// `12-25`.
  private mutating func readYearly() throws(TriggerError) -> Bool {
    let start = cursor.position
    guard let month = cursor.number(max: 99), cursor.position - start == 2, cursor.eat("-"),
      let day = cursor.number(max: 99), cursor.atEnd
    else {
      cursor.position = start
      return false
    }
    // A leap year, in which 02-29 exists.
    try cursor.checkDate(2024, month, day, in: "every year", at: start)
    yearly.append((month, day))
    return true
  }

  private mutating func date() throws(TriggerError) -> Int {
    let start = cursor.position
    guard let year = cursor.number(max: 9999), cursor.position - start == 4, cursor.eat("-"),
      let month = cursor.number(max: 99), cursor.eat("-"), let day = cursor.number(max: 99)
    else { throw refused(at: start) }
    guard (1678...2261).contains(year) else {
      throw TriggerError(
        .tooFar, "\(cursor.subject) is outside of the years 1678 to 2261", column: 1)
    }
    try cursor.checkDate(year, month, day, in: String(year), at: start)
    return CivilDate.dayNumber(year: year, month: month, day: day)
  }

  private func refused(at position: Int) -> TriggerError {
    TriggerError(
      .syntax,
      "\(cursor.subject) is not a date; write \"2026-12-25\", \"2026-12-24..2026-12-26\", "
        + "or \"12-25\" for every year", column: cursor.column(of: position), hint: "2026-12-25")
  }
}
