/// A trigger on wall time, or a combination of triggers. Immutable; shared by reference.
public final class CalendarTrigger: Hashable, Sendable {
  public let text: String
  public let zone: Zone
  let policy: ClockPolicy
  let rule: Rule
  /// The rule if it is a civil one, so that a fire does not copy the enum.
  let civil: CivilRule?
  let warnings: [String]

  enum Rule: Equatable, Sendable {
    case civil(CivilRule)
    /// Fires at the start of each span. In `&` and `-` the whole span counts.
    case span(Span, starts: CivilRule)
    /// The instants of `at`, sorted.
    case instants([Timestamp], isRelative: Bool)
    case sun(SunRule)
    case any([Trigger])
    case both(Trigger, Trigger)
    case without(Trigger, Trigger)

    /// The triggers that it combines; none if it is no combination.
    var operands: [Trigger] {
      switch self {
      case .civil, .span, .instants, .sun: []
      case .any(let triggers): triggers
      case .both(let a, let b), .without(let a, let b): [a, b]
      }
    }
  }

  init(
    text: String, zone: Zone, policy: ClockPolicy = .fixed, rule: Rule, warnings: [String] = []
  ) {
    self.text = text
    self.zone = zone
    self.policy = policy
    self.rule = rule
    if case .civil(let civil) = rule { self.civil = civil } else { civil = nil }
    self.warnings = warnings
  }

  /// Whether it is an `at` with one instant. It has two if a local time comes twice and both count.
  package var hasOneInstant: Bool {
    if case .instants(let instants, _) = rule { instants.count == 1 } else { false }
  }

  public static func == (a: CalendarTrigger, b: CalendarTrigger) -> Bool {
    a === b
      || a.text == b.text && a.zone == b.zone && a.policy == b.policy && a.rule == b.rule
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(text)
  }
}

extension Trigger {
  var operands: [Trigger] {
    if case .calendar(let calendar) = self { return calendar.rule.operands }
    return []
  }

  /// Whether a wall time that a change of the clocks skips does not fire. For a combination: true only if this holds
  /// for all triggers that it fires by.
  public var skipsGaps: Bool { firing.allSatisfy { $0.gap == .skip } }

  /// Whether a wall time that comes twice fires twice. For a combination: true if this holds for any trigger that it
  /// fires by.
  public var repeatsFolds: Bool { firing.contains { $0.fold == .both } }

  /// The policies of the triggers that this one fires by. Elapsed time in a combination follows the wall clock as a
  /// wildcard does.
  private var firing: [ClockPolicy] {
    guard case .calendar(let calendar) = self else { return [.wildcard] }
    switch calendar.rule {
    case .civil, .instants, .sun, .span: return [calendar.policy]
    case .any(let triggers): return triggers.flatMap(\.firing)
    case .both(let a, let b): return b.isSpan ? a.firing : a.isSpan ? b.firing : a.firing + b.firing
    case .without(let a, _): return a.firing
    }
  }
}

extension CalendarTrigger {
  func next(
    after instant: Timestamp, anchor: Timestamp, budget: inout SearchBudget
  ) -> Timestamp? {
    switch rule {
    case .civil(let rule), .span(_, let rule): next(of: rule, after: instant, anchor: anchor)
    case .instants(let instants, _): instants.first { $0 > instant }
    case .sun(let rule): rule.next(after: instant, budget: &budget)
    case .any(let triggers):
      triggers.reduce(nil) {
        earlier($0, $1.next(after: instant, anchor: anchor, budget: &budget))
      }
    case .both(let a, let b):
      Combination(anchor: anchor).next(a, and: b, after: instant, budget: &budget)
    case .without(let a, let b):
      Combination(anchor: anchor).next(a, without: b, after: instant, budget: &budget)
    }
  }

  @inline(__always)
  func next(of rule: CivilRule, after instant: Timestamp, anchor: Timestamp) -> Timestamp? {
    let local = rule.special == nil ? 0 : zone.localTime(of: anchor).secondsSince1970
    guard let second = rule.next(after: instant.seconds, in: zone, policy, anchor: local),
      second <= Zone.lastSecond
    else { return nil }
    return Timestamp(seconds: second)
  }
}
