extension Trigger {
  /// Days that filter another trigger: `2026-12-25`, `2026-12-24..2026-12-26`, and `12-25` for every year. By itself it
  /// fires at the start of each day.
  public static func dates(
    _ texts: [String], _ options: TriggerOptions
  ) throws(TriggerError) -> Trigger {
    guard !texts.isEmpty else {
      throw TriggerError(
        .syntax, "dates takes at least one date, as in dates { \"2026-12-25\" }",
        hint: "2026-12-25")
    }
    var parser = DateParser()
    for text in texts { try parser.read(text) }
    let set = DateSet(ranges: parser.ranges, yearly: parser.yearly)
    return span(
      "dates " + texts.map(collapsed).joined(separator: ", "), .dates(set),
      CivilRule(times: DayTimes(list: [0]), special: .dates(set)), options)
  }

  /// A part of each day (`09:00` to `17:00`, both included, also past midnight), or the time from one date or datetime
  /// through another. By itself it fires at the start.
  public static func between(
    _ from: String, _ through: String, _ options: TriggerOptions
  ) throws(TriggerError) -> Trigger {
    let text = "between " + collapsed(from) + " and " + collapsed(through)
    let first = try BetweenBound(from, isEnd: false, options)
    let last = try BetweenBound(through, isEnd: true, options)
    switch (first, last) {
    case (.time(let start), .time(let end)):
      let rule = CivilRule(times: DayTimes(list: [start]))
      return span(text, .daily(from: start, through: end), rule, options)
    case (.local(let start), .local(let end)):
      guard start <= end else {
        throw TriggerError(.neverFires, "\(text) never holds: it ends before it starts")
      }
      let day = Int(floorDivide(start, 86400))
      let rule = CivilRule(
        times: DayTimes(list: [Int(floorRemainder(start, 86400))]),
        special: .dates(DateSet(ranges: [day...day], yearly: [])))
      return span(text, .period(from: start, through: end), rule, options)
    default:
      throw TriggerError(
        .syntax, "\(text): both ends are times of day, or both are dates", hint: "09:00")
    }
  }

  private static func span(
    _ text: String, _ span: Span, _ starts: CivilRule, _ options: TriggerOptions
  ) -> Trigger {
    .calendar(
      CalendarTrigger(
        text: text, zone: options.zone, policy: ClockPolicy(options, wildcard: false),
        rule: .span(span, starts: starts)))
  }
}

/// One end of `between`.
private enum BetweenBound {
  case time(Int)
  case local(Int64)

  init(_ text: String, isEnd: Bool, _ options: TriggerOptions) throws(TriggerError) {
    var cursor = Cursor(text, label: "between")
    cursor.skipSpaces()
    if let time = try cursor.clock() {
      cursor.skipSpaces()
      if cursor.atEnd {
        self = .time(time.second)
        return
      }
    }
    if Self.isYearly(text) {
      throw TriggerError(
        .syntax,
        "between takes times of day such as \"09:00\", or dates with their year, not \(quoted(text)); for a season of each year write its months, as in cron(\"0 9 * 6-8 *\")",
        hint: "09:00")
    }
    var parser = AtParser(collapsed(text), options, word: "between")
    guard case .local(let local, _) = try parser.parse() else {
      throw TriggerError(
        .syntax,
        "between takes times of day such as \"09:00\", or local dates such as \"2026-12-24\" and "
          + "\"2026-12-24 18:00\", not \(quoted(text))", hint: "09:00")
    }
    let isDate = !text.contains(":")
    self = .local(local.secondsSince1970 + (isEnd && isDate ? 86399 : 0))
  }

  /// `09-01`, `9/1`.
  private static func isYearly(_ text: String) -> Bool {
    let parts = text.split { $0 == "-" || $0 == "/" }
    return parts.count == 2
      && parts.allSatisfy { $0.utf8.count <= 2 && $0.utf8.allSatisfy(isDigit) }
  }
}
