/// A pure rule that names the instants at which a job fires. A small value; large parts are behind a reference.
///
/// Each `text` is what the user wrote; empty if that is the shortest text of the duration.
public enum Trigger: Hashable, Sendable {
  /// A fixed period of elapsed time, counted from the anchor.
  case every(nanoseconds: Int64, text: String = "")
  /// A new random gap each time, of elapsed time.
  indirect case everyBetween(Int64, Int64, seed: UInt64, text: String = "")
  /// Once, that much elapsed time after the anchor.
  case after(nanoseconds: Int64, text: String = "")
  /// Once, at the start of the host.
  case reboot
  /// Wall time: cron, calendar specs, `at`, dates, windows, and every combination of triggers.
  case calendar(CalendarTrigger)
}

extension Trigger {
  /// The first fire strictly after an instant, or nil when there is none before 2262.
  ///
  /// `anchor` is the instant of the job's first registration, from which elapsed time counts. Bounded: a combination
  /// gives up after 10,000 candidates, a large one after some tens of milliseconds; see `search`.
  public func next(after instant: Timestamp, anchor: Timestamp) -> Timestamp? {
    if case .calendar(let calendar) = self, let rule = calendar.civil {
      return calendar.next(of: rule, after: instant, anchor: anchor)
    }
    var budget = SearchBudget()
    return next(after: instant, anchor: anchor, budget: &budget)
  }

  /// Up to `count` fires after an instant, in order. All share one budget of candidates, so there are fewer if they are
  /// hard to find: a search for a thousand takes no longer than one that gives up.
  public func next(_ count: Int, after instant: Timestamp, anchor: Timestamp) -> [Timestamp] {
    var budget = SearchBudget()
    var fires: [Timestamp] = []
    while fires.count < count,
      let fire = next(after: fires.last ?? instant, anchor: anchor, budget: &budget)
    {
      guard !budget.isSpent else { break }
      fires.append(fire)
    }
    return fires
  }

  /// The outcome of a search for a fire.
  public enum Search: Hashable, Sendable {
    case fire(Timestamp)
    case never
    /// None of 10,000 candidates was a fire; fewer candidates for a large combination.
    case gaveUp
  }

  /// Like `next`, but tells a trigger without further fires from a search that gave up.
  public func search(after instant: Timestamp, anchor: Timestamp) -> Search {
    var budget = SearchBudget()
    if let fire = next(after: instant, anchor: anchor, budget: &budget) { return .fire(fire) }
    return budget.isSpent ? .gaveUp : .never
  }

  func next(
    after instant: Timestamp, anchor: Timestamp, budget: inout SearchBudget
  ) -> Timestamp? {
    guard budget.step() else { return nil }
    switch self {
    case .every(let period, _):
      return Self.next(after: instant, anchor: anchor, period: period)
    case .everyBetween(let low, let high, let seed, _):
      return Self.next(after: max(instant, anchor), low: low, high: high, seed: seed)
    case .after(let delay, _): return Self.once(at: anchor.advanced(by: delay), after: instant)
    case .reboot: return Self.once(at: anchor, after: instant)
    case .calendar(let calendar):
      return calendar.next(after: instant, anchor: anchor, budget: &budget)
    }
  }

  private static func once(at fire: Timestamp, after instant: Timestamp) -> Timestamp? {
    fire > instant && fire < .distantFuture ? fire : nil
  }

  private static func next(
    after instant: Timestamp, anchor: Timestamp, period: Int64
  ) -> Timestamp? {
    if instant < anchor { return once(at: anchor.advanced(by: period), after: instant) }
    let elapsed = Int128(instant.nanoseconds) - Int128(anchor.nanoseconds)
    let fire = Int128(anchor.nanoseconds) + (elapsed / Int128(period) + 1) * Int128(period)
    return Int64(exactly: fire).map { Timestamp(nanoseconds: $0) }
  }

  /// The gap depends only on the seed and on the fire before.
  private static func next(
    after instant: Timestamp, low: Int64, high: Int64, seed: UInt64
  ) -> Timestamp? {
    let index = UInt64(bitPattern: instant.nanoseconds)
    let gap = low + Int64(SeededRandom(seed: seed).value(index, below: UInt64(high - low) + 1))
    return once(at: instant.advanced(by: gap), after: instant)
  }
}

extension Trigger {
  /// The canonical text: the identity of the trigger and the base of a derived job name.
  ///
  /// `every 10s`, `cron */5 * * * *`, `at 2026-12-24 18:00`.
  public var text: String {
    switch self {
    case .every(let period, let text):
      "every " + (text.isEmpty ? DurationText.format(period) : text)
    case .everyBetween(let low, let high, _, let text):
      "every "
        + (text.isEmpty ? DurationText.format(low) + " to " + DurationText.format(high) : text)
    case .after(let delay, let text): "after " + (text.isEmpty ? DurationText.format(delay) : text)
    case .reboot: "cron @reboot"
    case .calendar(let calendar): calendar.text
    }
  }

  /// Texts that are valid but look like mistakes.
  public var warnings: [String] {
    if case .calendar(let calendar) = self { return calendar.warnings }
    return []
  }

  /// Whether fires count elapsed time, so that no wall clock matters.
  public var isElapsed: Bool {
    if case .calendar = self { false } else { true }
  }
}
