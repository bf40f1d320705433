/// The rule in the footer of a zone file: `CET-1CEST,M3.5.0,M10.5.0/3`.
///
/// POSIX.1-2024, section 8.3 (`TZ`), with the hours of -167 to 167 that RFC 9636 allows. The text has offsets west of
/// Greenwich, this type has offsets east of it. Summer time may be behind winter time (Dublin).
struct PosixRule: Equatable {
  var standard = 0
  var summer: Summer?

  struct Summer: Equatable {
    var offset: Int
    var start: Day
    var end: Day
  }

  /// A day of the year, and seconds after its midnight.
  struct Day: Equatable {
    enum Form: Equatable {
      case julianWithoutLeap(Int)
      case zeroBased(Int)
      case weekday(month: Int, week: Int, day: Int)
    }
    var form: Form
    var time = 7200
  }

  /// Every change of the years that a `Timestamp` can name, strictly after a second.
  func changes(after second: Int64) -> [(at: Int64, offset: Int)] {
    guard let summer else {
      return second < Zone.lastSecond ? [(at: second + 1, offset: standard)] : []
    }
    let first = LocalTime(secondsSince1970: max(second, Zone.firstSecond)).date.year - 1
    guard first <= 2263 else { return [] }
    var changes: [(at: Int64, offset: Int)] = []
    for year in first...2263 {
      changes.append((summer.end.second(in: year) - Int64(summer.offset), standard))
      changes.append((summer.start.second(in: year) - Int64(standard), summer.offset))
    }
    // If one begins as the other ends, summer time lasts all year: the later entry counts.
    let sorted = changes.enumerated().sorted {
      ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
    }
    return sorted.map(\.element).filter { $0.at > second }
  }
}

extension PosixRule.Day {
  /// The local second of the change, counted from 1970.
  func second(in year: Int) -> Int64 {
    let newYear = CivilDate.dayNumber(year: year, month: 1, day: 1)
    let day: Int
    switch form {
    case .julianWithoutLeap(let n):
      day = newYear + n - 1 + (CivilDate.isLeap(year) && n >= 60 ? 1 : 0)
    case .zeroBased(let n): day = newYear + n
    case .weekday(let month, let week, let weekday):
      let first = CivilDate.dayNumber(year: year, month: month, day: 1)
      let ahead = (weekday - CivilDate.weekday(dayNumber: first) + 7) % 7
      let last = first + CivilDate.daysInMonth(year, month) - 1
      let nth = first + ahead + (week - 1) * 7
      day = nth > last ? nth - 7 : nth
    }
    return Int64(day) * 86400 + Int64(time)
  }
}

extension PosixRule {
  /// Nil if the text is not a rule.
  init?(_ text: [UInt8]) {
    var cursor = Cursor(text)
    guard cursor.skipZoneName(), let west = cursor.clock(maxHours: 26) else { return nil }
    standard = -west
    if cursor.atEnd { return }
    guard cursor.skipZoneName() else { return nil }
    var offset = standard + 3600
    if cursor.peek != UInt8(ascii: ",") {
      guard let west = cursor.clock(maxHours: 26) else { return nil }
      offset = -west
    }
    guard cursor.eat(","), let start = cursor.ruleDay(), cursor.eat(","),
      let end = cursor.ruleDay(), cursor.atEnd
    else { return nil }
    summer = Summer(offset: offset, start: start, end: end)
  }
}

extension Cursor {
  fileprivate mutating func skipZoneName() -> Bool {
    if eat("<") {
      let length = skip { $0 != UInt8(ascii: ">") }
      return length > 0 && eat(">")
    }
    return skip { isLetter($0) } >= 3
  }

  /// `[+-]hh[:mm[:ss]]` in seconds.
  fileprivate mutating func clock(maxHours: Int) -> Int? {
    let isNegative = eat("-")
    if !isNegative { _ = eat("+") }
    guard let hours = number(max: maxHours) else { return nil }
    var seconds = hours * 3600
    for unit in [60, 1] where eat(":") {
      guard let part = number(max: 59) else { return nil }
      seconds += part * unit
    }
    return isNegative ? -seconds : seconds
  }

  fileprivate mutating func ruleDay() -> PosixRule.Day? {
    guard let form = ruleDayForm() else { return nil }
    var day = PosixRule.Day(form: form)
    if eat("/") {
      guard let time = clock(maxHours: 167) else { return nil }
      day.time = time
    }
    return day
  }

  private mutating func ruleDayForm() -> PosixRule.Day.Form? {
    if eat("J") {
      guard let n = number(max: 365), n > 0 else { return nil }
      return .julianWithoutLeap(n)
    }
    if eat("M") {
      guard let month = number(max: 12), month > 0, eat("."), let week = number(max: 5), week > 0,
        eat("."), let day = number(max: 6)
      else { return nil }
      return .weekday(month: month, week: week, day: day)
    }
    return number(max: 365).map { .zeroBased($0) }
  }
}
