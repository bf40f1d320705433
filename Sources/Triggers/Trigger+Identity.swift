extension Trigger {
  /// Identifies the trigger across restarts: its text and, for wall time, its zone and its policy for changes of the
  /// clocks. A text that is relative to the present has one identity on all days.
  public var identity: String {
    guard case .calendar(let calendar) = self else { return text }
    return
      "\(text) in \(calendar.zone.name), gap \(calendar.policy.gap), fold \(calendar.policy.fold)"
      + calendar.rule.identity
  }
}

extension CalendarTrigger.Rule {
  /// The part of the identity that is not in the text.
  fileprivate var identity: String {
    switch self {
    case .civil, .span, .instants: ""
    case .sun(let rule): " at \(rule.latitude), \(rule.longitude)"
    case .any(let triggers): triggers.map { "; \($0.identity)" }.joined()
    case .both(let a, let b), .without(let a, let b): "; \(a.identity); \(b.identity)"
    }
  }
}
