/// From wall time to instants, under a policy for the nights on which clocks change.
///
/// Within one interval of a zone the offset is fixed, so the next match in wall time is the next in time. This is
/// enough for nearly every call. Near a change the search takes the intervals one by one, and at a change
/// - forward: `gap` decides when matches in the skipped span fire, which have no instant;
/// - back: matches in the repeated span are in both intervals, and `fold` decides which fire.
///
///     Berlin, 2026-03-29: 01:59:59 +01:00 is followed by 03:00:00 +02:00.
///     "30 2 * * *": interval 1 has no 02:30 left, interval 2 starts at 03:00.
///     after: 03:00 +02:00.  shift: 02:30 +01:00 = 03:30 +02:00.  skip: the next day.
extension CivilRule {
  /// The first second of UTC strictly after one at which the rule fires.
  @inline(__always)
  func next(after second: Int64, in zone: Zone, _ policy: ClockPolicy, anchor: Int64) -> Int64? {
    let from = second + 1
    let interval = zone.interval(at: from)
    let offset = Int64(zone.offsets[interval])
    if let match = next(from: from + offset, anchor: anchor),
      zone.starts[interval] + Zone.reach <= from,
      match - offset + Zone.reach <= zone.end(of: interval)
    {
      return match - offset
    }
    var search = ZoneSearch(rule: self, zone: zone, policy: policy, anchor: anchor)
    return search.next(from: from)
  }
}

private struct ZoneSearch {
  let rule: CivilRule
  let zone: Zone
  let policy: ClockPolicy
  let anchor: Int64
  /// The next fire that a gap has shifted.
  var pending = Int64.max

  mutating func next(from start: Int64) -> Int64? {
    var from = start
    var interval = zone.interval(at: from)
    collectShifted(from: from, upTo: interval)
    while true {
      if policy.gap == .after, from == zone.starts[interval],
        skippedMatch(into: interval, from: .min) != nil
      {
        return min(from, pending)
      }
      let offset = Int64(zone.offsets[interval])
      let match = rule.next(from: from + offset, anchor: anchor)
      if let match, match - offset < zone.end(of: interval) {
        let second = match - offset
        if pending <= second { return pending }
        guard let onward = endOfRepetition(at: second, in: interval) else { return second }
        from = onward
        if from < zone.end(of: interval) { continue }
      }
      if pending < zone.end(of: interval) { return pending }
      guard let following = next(interval, match: match, from: from) else { return nil }
      interval = following
      from = zone.starts[interval]
      collectShifted(from: from, upTo: interval)
    }
  }

  /// The next interval that can hold a fire: nothing matches between here and `match`, so what
  /// lies between is passed over, unless a repeated hour may bring back what came before.
  private func next(_ interval: Int, match: Int64?, from: Int64) -> Int? {
    guard interval + 1 < zone.starts.count else { return nil }
    guard zone.end(of: interval) > from + Zone.reach else { return interval + 1 }
    guard let match else { return nil }
    return max(interval + 1, zone.interval(at: match - Zone.reach))
  }

  /// The first match at or after a local second that the change at the start of an interval skips, and that no other
  /// interval shows.
  private func skippedMatch(into interval: Int, from local: Int64) -> Int64? {
    guard interval > 0 else { return nil }
    let start = zone.starts[interval]
    let end = start + Int64(zone.offsets[interval])
    var from = max(local, start + Int64(zone.offsets[interval - 1]))
    while from < end, let match = rule.next(from: from, anchor: anchor), match < end {
      if zone.seconds(showing: match).first == nil { return match }
      from = match + 1
    }
    return nil
  }

  private mutating func collectShifted(from: Int64, upTo interval: Int) {
    guard policy.gap == .shift else { return }
    var interval = interval
    while interval > 0 && zone.starts[interval] + Zone.reach > from {
      let before = Int64(zone.offsets[interval - 1])
      if let match = skippedMatch(into: interval, from: from + before) {
        pending = min(pending, match - before)
      }
      interval -= 1
    }
  }

  /// If a second shows a local time whose other showing counts instead: where in this interval the
  /// showings that do not count are over.
  private func endOfRepetition(at second: Int64, in interval: Int) -> Int64? {
    if policy.fold == .both { return nil }
    let step = policy.fold == .first ? -1 : 1
    var other = interval + step
    while zone.starts.indices.contains(other), zone.starts[other] < second + Zone.reach,
      zone.end(of: other) > second - Zone.reach
    {
      let shift = Int64(zone.offsets[interval] - zone.offsets[other])
      let end = zone.end(of: other)
      if second + shift >= zone.starts[other] && second + shift < end {
        return min(zone.end(of: interval), end == .max ? end : end - shift)
      }
      other += step
    }
    return nil
  }
}
