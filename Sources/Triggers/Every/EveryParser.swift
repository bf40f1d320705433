/// Reads the calendar rules of `every`: `day at 10:30`, `2 hours at :05`, `tue and thu at 8:00`,
/// `month on the last friday`.
///
///     spec     = [count | "other"] unit [places] | weekdays [at times] | days "of the month" ...
///     places   = "at" times | "on" ["the"] days ["at" times]
///     times    = time {("," | "and") time}
struct EveryParser {
  var cursor: Cursor
  let options: TriggerOptions

  init(_ text: String, _ options: TriggerOptions) {
    cursor = Cursor(text, label: "every")
    self.options = options
  }

  /// Whether a text that is no duration is meant as a rule. Decides which parser's error the user gets.
  static func looksLikeEnglish(_ text: String) -> Bool {
    guard let first = text.utf8.first else { return false }
    if isLetter(first) {
      let isISO =
        (first | 32) == UInt8(ascii: "p") && text.utf8.dropFirst().first.map(isDigit) == true
      return !isISO && (text.utf8.count != 2 || text.lowercased() != "pt")
    }
    let start = text.utf8.prefix(100).map { Character(Unicode.Scalar($0)) }
    let words = String(start).lowercased().split { $0 == " " || $0 == "," }
    guard let head = words.first, isDigit(first) else { return false }
    let isOrdinal =
      head.utf8.count > 2 && ["st", "nd", "rd", "th"].contains { head.hasSuffix($0) }
    let isWeekday = words.count > 1 && weekday(String(words[1])) != nil
    return isOrdinal || isWeekday || words.contains { $0 == "at" || $0 == "on" }
  }

  /// The error for a spec that names a part of the day: that is a trigger of its own.
  static func partOfDay(_ text: String) -> TriggerError? {
    let cursor = Cursor(text, label: "every")
    guard let place = cursor.firstWord(of: ["between", "from"]) else { return nil }
    let head = cursor.text(0..<max(0, place - 1))
    return cursor.error(
      .syntax,
      "a part of the day is a trigger of its own; write for example "
        + "every(\(quoted(head.isEmpty ? "15m" : head))) & between(\"09:00\", \"17:00\")",
      at: place, hint: "between")
  }

  mutating func parse() throws(TriggerError) -> Trigger {
    if let sun = try sunEvent() { return sun }
    let start = cursor.position
    let count = try count()
    if let unit = unit() { return try trigger(every: count ?? 1, unit, at: start) }
    if let weekdays = try weekdays() { return try weeks(count ?? 1, on: weekdays) }
    guard count == nil else { throw unknownWord() }
    if let months = months() { return try rule(inMonths: months) }
    if let days = try daysOfMonth() {
      guard
        cursor.eatWords("of", "the", "month") || cursor.eatWords("of", "every", "month")
          || cursor.eatWords("of", "each", "month")
      else {
        let isEveryOther = days.nthWeekdays >> 7 & 0x7F != 0
        throw expected(
          "\"of the month\"" + (isEveryOther ? " (every 2nd week is \"other monday\")" : ""))
      }
      return try rule(try timesAtEnd(), days: days)
    }
    throw unknownWord()
  }

  enum Unit: String, CaseIterable {
    case second, minute, hour, day, week, month, year
  }

  private mutating func unit() -> Unit? {
    let start = cursor.position
    if let word = cursor.word(),
      let unit = Unit.allCases.first(where: { word == $0.rawValue || word == $0.rawValue + "s" })
    {
      return unit
    }
    cursor.position = start
    return nil
  }

  private mutating func count() throws(TriggerError) -> Int? {
    if cursor.eatWords("other") { return 2 }
    let start = cursor.position
    guard let count = cursor.number(max: 1_000_000), cursor.skipSpaces() > 0 else {
      cursor.position = start
      return nil
    }
    guard count > 0 else { throw cursor.error(.outOfRange, "every 0th is never", at: start) }
    return count
  }

  private mutating func trigger(
    every step: Int, _ unit: Unit, at start: Int
  ) throws(TriggerError) -> Trigger {
    if cursor.atEnd, let size = DurationText.sizes[unit.rawValue] {
      let period = size * Int64(step)
      return .every(
        nanoseconds: period, text: DurationText.unlessShortest(cursor.source, of: period))
    }
    switch unit {
    case .month: return try everyMonth(step)
    case .year: return try everyYear(step, at: start)
    case .week where cursor.eatWords("on"):
      _ = cursor.eatWords("the")
      guard let weekdays = try weekdays() else { throw unknownWord() }
      return try weeks(step, on: weekdays)
    case .second, .minute, .hour, .day, .week:
      guard unit != .second, cursor.eatWords("at") else { throw unexpected() }
    }
    switch unit {
    case .minute: return try minutes(step)
    case .hour: return try hours(step)
    default: return try rule(try timeList(), step: unit == .week ? 7 * step : step)
    }
  }

  private mutating func minutes(_ step: Int) throws(TriggerError) -> Trigger {
    let seconds = try places(size: 60)
    guard 60 % step == 0 else {
      return try rule(DayTimes(list: seconds), step: step, of: .minutes)
    }
    let times = DayTimes(
      hours: DayTimes.allHours, minutes: bitMask(stride(from: 0, to: 60, by: step)),
      seconds: bitMask(seconds))
    return try rule(times, of: .minutes)
  }

  private mutating func hours(_ step: Int) throws(TriggerError) -> Trigger {
    let start = cursor.position
    let places = try places(size: 3600)
    if step % 24 == 0, cursor.bytes[start] != UInt8(ascii: ":") {
      let spec = step == 24 ? "day" : "\(step / 24) days"
      throw cursor.error(
        .syntax,
        "\(cursor.text(start..<min(start + 5, cursor.end))) is a minute and a second of the hour; "
          + "for a time of the day write \"\(spec) at 09:00\"", at: start)
    }
    guard 24 % step == 0 else { return try rule(DayTimes(list: places), step: step, of: .hours) }
    let hours = stride(from: 0, to: 24, by: step)
    let seconds = Set(places.map { $0 % 60 })
    let times =
      seconds.count == 1
      ? DayTimes(
        hours: bitMask(hours), minutes: bitMask(places.map { $0 / 60 }),
        seconds: bitMask(seconds))
      : DayTimes(list: hours.flatMap { hour in places.map { hour * 3600 + $0 } })
    return try rule(times, of: .hours)
  }

  private mutating func weeks(_ step: Int, on weekdays: UInt64) throws(TriggerError) -> Trigger {
    try rule(try timesAtEnd(), days: DayRule(weekdays: weekdays), step: step, of: .weeks)
  }

  private static let firstOfMonth = DayRule(days: 1 << 1)

  private mutating func everyMonth(_ step: Int) throws(TriggerError) -> Trigger {
    var days = Self.firstOfMonth
    if cursor.eatWords("on") {
      guard let named = try daysOfMonth() else { throw unknownWord() }
      days = named
    }
    let times = try timesAtEnd()
    guard 12 % step == 0 else { return try rule(times, days: days, step: step, of: .months) }
    return try rule(times, days: days, months: bitMask(stride(from: 1, through: 12, by: step)))
  }

  private mutating func everyYear(_ step: Int, at start: Int) throws(TriggerError) -> Trigger {
    guard step == 1 else {
      throw cursor.error(
        .syntax, "years are not counted; write \"\(12 * step) months on the 1st\"", at: start)
    }
    var months: UInt64 = 1 << 1
    var days = Self.firstOfMonth
    if cursor.eatWords("on") || cursor.eatWords("in") {
      _ = cursor.eatWords("the")
      if let named = self.months() {
        months = named
        _ = cursor.eatWords("on")
        days = try daysOfMonth(bare: true) ?? days
      } else if let day = try daysOfMonth() {
        _ = cursor.eatWords("of")
        guard let named = self.months() else { throw expected("a month") }
        (days, months) = (day, named)
      } else {
        throw unknownWord()
      }
    }
    return try rule(try timesAtEnd(), days: days, months: months)
  }

  /// `january and july on the 1st at 06:00`.
  private mutating func rule(inMonths months: UInt64) throws(TriggerError) -> Trigger {
    let hasOn = cursor.eatWords("on")
    let days = try daysOfMonth(bare: true)
    if hasOn && days == nil { throw unknownWord() }
    return try rule(try timesAtEnd(), days: days ?? Self.firstOfMonth, months: months)
  }

  /// A rule in minutes or hours follows the wall clock as a wildcard does, even if its step is 1.
  private func rule(
    _ times: DayTimes, days: DayRule = DayRule(), months: UInt64 = CivilRule.everyMonth,
    step: Int = 1, of unit: Step.Unit = .days
  ) throws(TriggerError) -> Trigger {
    let rule = CivilRule(
      times: times, days: days, months: months,
      special: step == 1 ? nil : .step(Step(unit: unit, count: step)))
    guard days.isEveryDay || rule.next(from: 0, anchor: 0) != nil else {
      throw TriggerError(
        .neverFires, "\(cursor.subject) never fires: no such month has such a day", column: 1)
    }
    let policy = ClockPolicy(options, wildcard: unit == .minutes || unit == .hours)
    return .calendar(
      CalendarTrigger(
        text: "every " + cursor.source, zone: options.zone, policy: policy, rule: .civil(rule)))
  }
}
