/// Texts that are relative to the present, such as `at 18:00`. They are resolved once, alone and within combinations.
extension Trigger {
  /// The instants to which the relative texts were resolved, in the order of the text; empty if there are none.
  public var relativeInstants: [Timestamp] { relativeParts.flatMap(\.self) }

  /// Whether the trigger contains relative texts.
  public var isRelative: Bool { !relativeParts.isEmpty }

  private var relativeParts: [[Timestamp]] {
    if case (let instants, isRelative: true)? = instants { return [instants] }
    return operands.flatMap(\.relativeParts)
  }

  /// This trigger with other instants for its relative texts. Unchanged if their number differs.
  public func resolved(to instants: [Timestamp]) -> Trigger {
    let parts = relativeParts
    var left = instants[...]
    if parts.count == 1 { return resolved { _ in instants } }
    let isOneEach = parts.count == instants.count
    guard isOneEach || parts.map(\.count).reduce(0, +) == instants.count else { return self }
    return resolved { part in
      let count = isOneEach ? 1 : part.count
      defer { left = left.dropFirst(count) }
      return Array(left.prefix(count))
    }
  }

  private func resolved(_ instants: ([Timestamp]) -> [Timestamp]) -> Trigger {
    guard case .calendar(let calendar) = self else { return self }
    let rule: CalendarTrigger.Rule
    switch calendar.rule {
    case .instants(let part, isRelative: true): rule = .instants(instants(part), isRelative: true)
    case .any(let triggers): rule = .any(triggers.map { $0.resolved(instants) })
    case .both(let a, let b): rule = .both(a.resolved(instants), b.resolved(instants))
    case .without(let a, let b): rule = .without(a.resolved(instants), b.resolved(instants))
    case .civil, .span, .sun, .instants: return self
    }
    return .calendar(
      CalendarTrigger(
        text: calendar.text, zone: calendar.zone, policy: calendar.policy, rule: rule,
        warnings: calendar.warnings))
  }

  /// Whether the other trigger equals this one, apart from the day on which each was read.
  public func saysTheSame(as other: Trigger) -> Bool {
    if self == other { return true }
    let parts = relativeParts
    return !parts.isEmpty && other.resolved(to: parts.flatMap(\.self)) == self
  }
}
