extension Trigger {
  /// Identifies the trigger across restarts: its text and, for wall time, its zone and its policy for changes of the
  /// clocks. A text that is relative to the present has one identity on all days.
  public var identity: String {
    guard case .calendar(let calendar) = self else { return text }
    var identity =
      "\(text) in \(calendar.zone.name), gap \(calendar.policy.gap), fold \(calendar.policy.fold)"
    if case .sun(let rule) = calendar.rule { identity += " at \(rule.latitude), \(rule.longitude)" }
    for operand in operands { identity += "; \(operand.identity)" }
    return identity
  }
}
