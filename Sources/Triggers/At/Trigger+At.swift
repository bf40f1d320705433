extension Trigger {
  /// Once: ISO 8601 with or without zone, a number of seconds since the epoch, `18:00`,
  /// `tomorrow 09:00`, `friday 17:00`. Local times follow `gap` and `fold`.
  public static func at(_ text: String, _ options: TriggerOptions) throws(TriggerError) -> Trigger {
    let text = collapsed(text)
    var parser = AtParser(text, options)
    let point = try parser.parse()
    var isRelative = false
    if case .relative = point { isRelative = true }
    let resolved = try point.resolved(text, options)
    return .calendar(
      CalendarTrigger(
        text: "at " + text, zone: options.zone, policy: ClockPolicy(options, wildcard: false),
        rule: .instants(resolved.instants, isRelative: isRelative),
        warnings: resolved.warnings))
  }

  /// Once, at a number of seconds since the epoch.
  public static func at(epochSeconds: Double) throws(TriggerError) -> Trigger {
    guard epochSeconds.isFinite else {
      throw TriggerError(.outOfRange, "at: \(epochSeconds) is not a number of seconds")
    }
    guard epochSeconds.magnitude < 9.2e9 else {
      throw TriggerError(.tooFar, "at: \(epochSeconds) is outside of the years 1678 to 2261")
    }
    let whole = floor(epochSeconds)
    let rest = round((epochSeconds - Double(whole)) * 1e9)
    let instant = Timestamp(seconds: whole).advanced(by: rest)
    let number = rest == 0 ? String(whole) : String(epochSeconds)
    return .calendar(
      CalendarTrigger(
        text: "at " + number, zone: .utc, rule: .instants([instant], isRelative: false)))
  }

  /// Once, at an instant that `text` was resolved to before.
  public static func at(_ instant: Timestamp, text: String, zone: Zone) -> Trigger {
    .calendar(
      CalendarTrigger(text: text, zone: zone, rule: .instants([instant], isRelative: false)))
  }

  /// The instants of an `at`, and whether its text is relative to the present (`18:00`), so that a store must keep
  /// them; nil for any other trigger.
  public var instants: (at: [Timestamp], isRelative: Bool)? {
    guard case .calendar(let calendar) = self, case .instants(let at, let relative) = calendar.rule
    else { return nil }
    return (at, relative)
  }
}

extension Timestamp {
  /// Reads any text that `at` takes, to one instant: ISO 8601, epoch seconds, `23:59`.
  ///
  /// `word` is the first word of an error message, such as `from`.
  public init(
    _ text: String, _ options: TriggerOptions, word: String = "at"
  ) throws(TriggerError) {
    self = try Self.point(text, options, word: word).instant
  }

  /// Reads any text that `at` takes, to one instant, and tells whether the text is relative to the present, so that it
  /// names another instant on another day.
  public static func point(
    _ text: String, _ options: TriggerOptions, word: String = "at"
  ) throws(TriggerError) -> (instant: Timestamp, isRelative: Bool) {
    var options = options
    // A bound does not fire. If the clocks skip it, it is the instant of the change.
    if options.gap == .skip { options.gap = .after }
    var parser = AtParser(text, options, word: word)
    let point = try parser.parse()
    guard let instant = try point.resolved(text, options, word: word).instants.first else {
      throw TriggerError(
        .neverFires, "\(word) \(quoted(text)) is later than any time that can be told", column: 1)
    }
    if case .relative = point { return (instant, true) }
    return (instant, false)
  }
}

extension AtParser.Point {
  /// One instant; two if a local time comes twice and both count; none if it is relative and the clocks skip it.
  func resolved(
    _ text: String, _ options: TriggerOptions, word: String = "at"
  ) throws(TriggerError) -> (instants: [Timestamp], warnings: [String]) {
    let text = word + " " + quoted(text)
    switch self {
    case .instant(let instant): return ([instant], [])
    case .local(let local, let nanoseconds):
      let found = Self.instants(of: local, options)
      guard !found.instants.isEmpty else { throw Self.skipped(local, text, options) }
      return (found.instants.map { $0.advanced(by: nanoseconds) }, found.warnings)
    case .relative(let day, let second, let nanoseconds):
      return Self.resolve(day, second, nanoseconds, options)
    }
  }

  /// None if the clocks skip the time on that day. This is no error, because the text has an instant on other days.
  private static func resolve(
    _ day: AtParser.Relative, _ second: Int, _ nanoseconds: Int64, _ options: TriggerOptions
  ) -> (instants: [Timestamp], warnings: [String]) {
    let today = options.zone.localTime(of: options.now).dayNumber
    let candidates: [Int]
    switch day {
    case .today: candidates = [today]
    case .tomorrow: candidates = [today + 1]
    case .nextTime: candidates = Array(today...today + 3)
    case .weekday(let weekday):
      let ahead = (weekday - CivilDate.weekday(dayNumber: today) + 7) % 7
      candidates = [today + ahead, today + ahead + 7, today + ahead + 14]
    }
    var warnings: [String] = []
    for day in candidates {
      let local = LocalTime(secondsSince1970: Int64(day) * 86400 + Int64(second))
      let found = instants(of: local, options)
      let instants = found.instants.map { $0.advanced(by: nanoseconds) }
        .filter { $0 > options.now || candidates.count == 1 }
      if !instants.isEmpty { return (instants, found.warnings) }
      warnings = warnings.isEmpty ? found.warnings : warnings
    }
    return ([], warnings)
  }

  private static func instants(
    of local: LocalTime, _ options: TriggerOptions
  ) -> (instants: [Timestamp], warnings: [String]) {
    let policy = ClockPolicy(options, wildcard: false)
    switch options.zone.instants(of: local) {
    case .one(let instant): return ([instant], [])
    case .gap(let change):
      let shifted = Timestamp(seconds: local.secondsSince1970 - Int64(change.offsetBefore))
      let warning = "\(local.shortClock) does not exist on \(local.date) in \(options.zone.name)"
      let fire = policy.gap == .after ? change.at : shifted
      let date = options.zone.localTime(of: fire)
      let told =
        warning + " and fires at \(date.shortClock)"
        + (date.dayNumber == local.dayNumber ? "" : " on \(date.date)")
      return policy.gap == .skip ? ([], [warning]) : ([fire], [told])
    case .fold(let first, let last):
      let warning = "\(local.shortClock) comes twice on \(local.date) in \(options.zone.name)"
      switch policy.fold {
      case .first: return ([first], [warning + " and fires the first time only"])
      case .last: return ([last], [warning + " and fires the second time only"])
      case .both: return ([first, last], [warning + " and fires both times"])
      }
    }
  }

  private static func skipped(
    _ local: LocalTime, _ text: String, _ options: TriggerOptions
  ) -> TriggerError {
    TriggerError(
      .neverFires,
      "\(text) never fires: \(local) does not exist in \(options.zone.name), "
        + "and gap is \"skip\"", column: 1)
  }
}
