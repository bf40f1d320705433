extension Trigger {
  /// How many triggers one combination may hold.
  static let mostParts = 100

  /// Fires when either trigger fires.
  public static func | (a: Trigger, b: Trigger) throws(TriggerError) -> Trigger {
    try a.combined(b, "|", .any(a.alternatives + b.alternatives))
  }

  /// Fires when one trigger fires and the other holds that instant.
  public static func & (a: Trigger, b: Trigger) throws(TriggerError) -> Trigger {
    try a.combined(b, "&", .both(a, b))
  }

  /// Fires when the first trigger fires and the second does not hold that instant.
  public static func - (a: Trigger, b: Trigger) throws(TriggerError) -> Trigger {
    try a.combined(b, "-", .without(a, b))
  }

  private func combined(
    _ other: Trigger, _ sign: String, _ rule: CalendarTrigger.Rule
  ) throws(TriggerError) -> Trigger {
    guard parts + other.parts <= Self.mostParts else {
      throw TriggerError(
        .tooLong, "a combination of more than \(Self.mostParts) triggers; use several jobs")
    }
    for (operand, side) in [(self, "left"), (other, "right")]
    where sign != "|" && operand == .reboot {
      throw TriggerError(
        .neverFires,
        "@reboot names no instant of the calendar, so it cannot be on the \(side) of \(sign)")
    }
    let text = operandText(sign) + " \(sign) " + other.operandText(sign)
    return .calendar(
      CalendarTrigger(
        text: text, zone: zone ?? other.zone ?? .utc, rule: rule,
        warnings: warnings + other.warnings))
  }

  private var alternatives: [Trigger] {
    if case .calendar(let calendar) = self, case .any(let parts) = calendar.rule { return parts }
    return [self]
  }

  private func operandText(_ sign: String) -> String {
    let isJoined = sign == "|" && alternatives.count > 1
    return operands.isEmpty || isJoined ? text : "(\(text))"
  }

  /// The zone of a trigger on wall time; nil for others.
  public var zone: Zone? {
    if case .calendar(let calendar) = self { return calendar.zone }
    return nil
  }

  private var parts: Int {
    operands.isEmpty ? 1 : operands.reduce(0) { $0 + $1.parts }
  }

  /// A combination must have a fire after this instant, which is earlier than any that a text can name. So the check
  /// gives the same answer on every day.
  private static let beginning = Timestamp(seconds: -9_214_560_000)  // 1678-01-01

  /// Refuses a trigger that never fires, or that has no fire among the first 10,000 candidates.
  ///
  /// A trigger whose last fire is in the past is not refused, so a script that loads today loads tomorrow.
  public func checkFires() throws(TriggerError) {
    guard case .calendar(let calendar) = self else { return }
    switch calendar.rule {
    case .both, .without:
      guard !dependsOnTheDay else { return }
      switch search(after: Self.beginning, anchor: Self.beginning) {
      case .fire: return
      case .never: throw TriggerError(.neverFires, "\(text) never fires, whatever the day")
      case .gaveUp:
        throw TriggerError(
          .gaveUp,
          "\(text): no fire was found among 10,000 candidates"
            + (parts > 3 ? ", fewer for a large combination," : ",") + " so the search gave up")
      }
    case .any(let triggers): for trigger in triggers { try trigger.checkFires() }
    case .civil, .span, .instants, .sun: return
    }
  }

  /// Whether its fires depend on the time when it is read or registered, as in `at 18:00` and `after 1h`.
  private var dependsOnTheDay: Bool {
    switch self {
    case .every, .everyBetween: false
    case .after, .reboot: true
    case .calendar: instants?.isRelative ?? operands.contains(where: \.dependsOnTheDay)
    }
  }
}
