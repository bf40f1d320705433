extension Trigger {
  /// Once: ISO 8601 with or without zone, a number of seconds since the epoch, `18:00`,
  /// `tomorrow 09:00`, `friday 17:00`. Local times follow `gap` and `fold`.
  public static func at(_ text: String, _ options: TriggerOptions) throws(TriggerError) -> Trigger {
    var parser = AtParser(collapsed(text), options)
    let found = try parser.resolved()
    return .calendar(
      CalendarTrigger(
        text: "at " + collapsed(text), zone: options.zone,
        policy: ClockPolicy(options, wildcard: false),
        rule: .instants(found.instants, isRelative: found.isRelative), warnings: found.warnings))
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
    return .at(instant, text: "at " + number, zone: .utc)
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
    let found = try parser.resolved()
    guard let instant = found.instants.first else {
      throw TriggerError(
        .neverFires, "\(word) \(quoted(text)) is later than any time that can be told", column: 1)
    }
    return (instant, found.isRelative)
  }
}
