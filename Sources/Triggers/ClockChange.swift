/// The effect that a change of the clocks has on a trigger.
public struct ClockChange: Hashable, Sendable {
  public let transition: Transition
  /// The fires nearest to the change: at most four on each side, and no farther away than the clocks move.
  public let fires: [Timestamp]
  /// The effect in words.
  public let words: String
}

extension Trigger {
  /// The zone's next changes of the clocks after an instant, and their effects on this trigger.
  ///
  /// Empty for triggers on elapsed time, which no change affects, and for zones without changes.
  public func clockChanges(
    after instant: Timestamp, anchor: Timestamp, count: Int = 2
  ) -> [ClockChange] {
    guard case .calendar(let calendar) = self else { return [] }
    var changes: [ClockChange] = []
    var last = instant
    while changes.count < count, let transition = calendar.zone.nextTransition(after: last) {
      changes.append(
        ClockChange(
          transition: transition, fires: fires(around: transition, anchor: anchor),
          words: calendar.words(at: transition, anchor: anchor)))
      last = transition.at
    }
    return changes
  }

  private func fires(around transition: Transition, anchor: Timestamp) -> [Timestamp] {
    let most = 4
    let reach = Int64(transition.shift.magnitude) * 1_000_000_000
    var before: [Timestamp] = []
    // Look farther and farther back until there are enough, since a whole hour may have very many fires.
    var distance: Int64 = 1_000_000_000
    while before.count < most && distance < 2 * reach {
      before = fires(
        after: transition.at.advanced(by: -min(distance, reach) - 1),
        through: transition.at.advanced(by: -1), anchor: anchor)
      distance *= 2
    }
    let after = fires(
      after: transition.at.advanced(by: -1), through: transition.at.advanced(by: reach),
      anchor: anchor, most: most)
    return before.suffix(most) + after
  }

  /// The first fires after an instant through another, in order, `most` at most.
  package func fires(
    after instant: Timestamp, through end: Timestamp, anchor: Timestamp, most: Int = 10_000
  ) -> [Timestamp] {
    var fires: [Timestamp] = []
    while fires.count < most,
      let fire = next(after: fires.last ?? instant, anchor: anchor), fire <= end
    {
      fires.append(fire)
    }
    return fires
  }
}

extension CalendarTrigger {
  fileprivate func words(at change: Transition, anchor: Timestamp) -> String {
    let direction = change.shift > 0 ? "forward" : "back"
    let (before, after) = (change.localBefore, change.localAfter)
    let base =
      "\(before.date): the clocks go \(direction) from \(before.shortClock) "
      + "to \(after.shortClock(besides: before))"
    guard let effect = effect(of: change, anchor: anchor) else { return base }
    return base + "; " + effect
  }

  /// Nil for combinations; their fires show the effect.
  private func effect(of change: Transition, anchor: Timestamp) -> String? {
    let start = min(change.localBefore.secondsSince1970, change.localAfter.secondsSince1970)
    let end = start + Int64(change.shift.magnitude)
    let rule: CivilRule
    switch self.rule {
    case .civil(let civil), .span(_, let civil): rule = civil
    case .instants(let instants, _):
      return instants.contains { $0.distance(to: change.at).magnitude < 86_400_000_000_000 }
        ? nil : "it does not fire then"
    case .sun: return "the sun does not notice"
    case .any, .both, .without: return nil
    }
    let anchor = zone.localTime(of: anchor).secondsSince1970
    var times: [String] = []
    var from = start
    while times.count < 4, let match = rule.next(from: from, anchor: anchor), match < end {
      times.append(LocalTime(secondsSince1970: match).shortClock)
      from = match + 1
    }
    if times.isEmpty { return "none of its times is touched" }
    let isOne = times.count == 1
    let named = times.count < 4 ? list(times) : times[..<3].joined(separator: ", ") + " and so on"
    return change.shift > 0
      ? skippedWords(named, isOne, change)
      : "\(named) \(isOne ? "comes" : "come") twice and \(isOne ? "fires" : "fire") "
        + policy.fold.words
  }

  private func skippedWords(_ named: String, _ isOne: Bool, _ change: Transition) -> String {
    let skipped = "\(named) \(isOne ? "does" : "do") not exist and "
    switch policy.gap {
    case .after:
      return skipped + (isOne ? "fires" : "fire once,") + " at "
        + change.localAfter.shortClock(besides: change.localBefore)
    case .shift:
      let minutes = DurationText.words(Int64(change.shift) * 1_000_000_000)
      return skipped + (isOne ? "fires " : "fire ") + minutes + " later by the clock"
    case .skip: return skipped + (isOne ? "does" : "do") + " not fire"
    }
  }
}
