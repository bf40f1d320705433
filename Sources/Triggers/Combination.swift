/// Finds the fires of `a & b` and `a - b`.
///
/// A trigger is a set of instants. Most triggers are points (`cron`, `at`). Spans (`dates`, `between`) fire at their
/// start and hold all instants within. `a & b` fires when one of them fires and the other holds that instant; `a - b`
/// fires when `a` fires and `b` does not hold that instant.
///
/// Each side also tells up to which instant it certainly holds nothing, or everything. So `every 1s & between` or
/// `every 1s - dates` skips a night or a holiday in one step. Each candidate costs one of the 10,000 in the budget.
struct Combination {
  let anchor: Timestamp

  func next(
    _ a: Trigger, and b: Trigger, after instant: Timestamp, budget: inout SearchBudget
  ) -> Timestamp? {
    if a.isSpan && b.isSpan { return nextStart(a, b, after: instant, budget: &budget) }
    let (points, other) = a.isSpan ? (b, a) : (a, b)
    var from = instant
    while budget.spend() {
      guard let fire = points.next(after: from, anchor: anchor, budget: &budget) else { return nil }
      if holds(other, fire, &budget) { return fire }
      guard let start = start(of: other, after: fire, &budget) else { return nil }
      from = max(fire, start.advanced(by: -1))
    }
    return nil
  }

  /// If both are spans, their overlap begins where one of them does.
  private func nextStart(
    _ a: Trigger, _ b: Trigger, after instant: Timestamp, budget: inout SearchBudget
  ) -> Timestamp? {
    var from = instant
    while budget.spend() {
      let first = a.next(after: from, anchor: anchor, budget: &budget)
      let second = b.next(after: from, anchor: anchor, budget: &budget)
      guard let start = earlier(first, second) else { return nil }
      if holds(a, start, &budget) && holds(b, start, &budget) { return start }
      from = start
    }
    return nil
  }

  func next(
    _ a: Trigger, without b: Trigger, after instant: Timestamp, budget: inout SearchBudget
  ) -> Timestamp? {
    var from = instant
    while budget.spend() {
      guard let fire = a.next(after: from, anchor: anchor, budget: &budget) else { return nil }
      if !holds(b, fire, &budget) { return budget.isSpent ? nil : fire }
      from = max(fire, end(of: b, from: fire, &budget))
    }
    return nil
  }

  /// Whether a trigger holds an instant. The result has no meaning once the budget is spent.
  func holds(_ trigger: Trigger, _ instant: Timestamp, _ budget: inout SearchBudget) -> Bool {
    guard budget.step() else { return false }
    guard case .calendar(let calendar) = trigger else {
      return fires(trigger, instant, &budget)
    }
    switch calendar.rule {
    case .span(let span, _):
      let nanoseconds = floorRemainder(instant.nanoseconds, 1_000_000_000)
      return span.contains(calendar.zone.localTime(of: instant), nanoseconds: nanoseconds)
    case .any(let triggers):
      for trigger in triggers where holds(trigger, instant, &budget) { return true }
      return false
    case .both(let a, let b): return holds(a, instant, &budget) && holds(b, instant, &budget)
    case .without(let a, let b): return holds(a, instant, &budget) && !holds(b, instant, &budget)
    case .civil, .instants, .sun: return fires(trigger, instant, &budget)
    }
  }

  private func fires(
    _ trigger: Trigger, _ instant: Timestamp, _ budget: inout SearchBudget
  ) -> Bool {
    trigger.next(after: instant.advanced(by: -1), anchor: anchor, budget: &budget) == instant
  }

  /// An instant before which a trigger that holds `instant` holds everything.
  private func end(
    of trigger: Trigger, from instant: Timestamp, _ budget: inout SearchBudget
  ) -> Timestamp {
    guard budget.step(), case .calendar(let calendar) = trigger else { return instant }
    switch calendar.rule {
    case .span(let span, _): return end(of: span, in: calendar.zone, from: instant)
    case .any(let triggers):
      var last = instant
      for trigger in triggers where trigger.isSpan && holds(trigger, instant, &budget) {
        last = max(last, end(of: trigger, from: instant, &budget))
      }
      return last
    case .both(let a, let b):
      return min(end(of: a, from: instant, &budget), end(of: b, from: instant, &budget))
    case .civil, .instants, .sun, .without: return instant
    }
  }

  /// No later than the next change of the clocks, because wall time may jump there.
  private func end(of span: Span, in zone: Zone, from instant: Timestamp) -> Timestamp {
    let local = zone.localTime(of: instant)
    let left = span.end(from: local) - local.secondsSince1970
    let end = Timestamp(seconds: instant.seconds + left)
    guard let change = zone.nextTransition(after: instant) else { return end }
    return min(end, change.at.advanced(by: -1))
  }
}

extension Combination {
  /// An instant before which a trigger that does not hold `instant` holds nothing; nil if it never holds anything again.
  private func start(
    of trigger: Trigger, after instant: Timestamp, _ budget: inout SearchBudget
  ) -> Timestamp? {
    guard budget.step(), case .calendar(let calendar) = trigger else {
      return trigger.next(after: instant, anchor: anchor, budget: &budget)
    }
    switch calendar.rule {
    case .span(_, let starts): return start(of: starts, in: calendar.zone, after: instant)
    case .any(let triggers):
      return triggers.reduce(nil) { earlier($0, start(of: $1, after: instant, &budget)) }
    case .both(let a, let b):
      let outer = holds(a, instant, &budget) ? b : a
      return start(of: outer, after: instant, &budget)
    case .without(let a, _):
      return holds(a, instant, &budget) ? instant : start(of: a, after: instant, &budget)
    case .civil, .instants, .sun:
      return trigger.next(after: instant, anchor: anchor, budget: &budget)
    }
  }

  /// A span begins at the times of its rule, in both passes of a repeated hour, or where the clocks jump into it.
  private func start(
    of rule: CivilRule, in zone: Zone, after instant: Timestamp
  ) -> Timestamp? {
    let policy = ClockPolicy(gap: .after, fold: .both)
    let change = zone.nextTransition(after: instant)?.at
    let start = rule.next(after: instant.seconds, in: zone, policy, anchor: 0)
      .flatMap { $0 <= Zone.lastSecond ? Timestamp(seconds: $0) : nil }
    return earlier(change, start)
  }
}

extension Trigger {
  /// Whether it holds more instants than those at which it fires.
  var isSpan: Bool {
    guard case .calendar(let calendar) = self else { return false }
    switch calendar.rule {
    case .span: return true
    case .civil, .instants, .sun: return false
    case .any(let triggers): return triggers.contains(where: \.isSpan)
    case .both(let a, let b): return a.isSpan && b.isSpan
    case .without(let a, _): return a.isSpan
    }
  }
}
