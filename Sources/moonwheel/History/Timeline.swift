import JobStore
import MoonwheelModel
import Moonwheel

/// What became of the fires of a job around an instant: what the store has kept, and of fires that it has nothing of, what
/// can be said. Oldest first.
struct Timeline {
  /// How much is shown before the instant, and after it.
  struct Extent {
    var before: Int
    var after: Int
  }

  let job: StoredJob
  /// Nil where the fires cannot be computed.
  let trigger: StoredTrigger?
  let now: Timestamp
  /// Every fire up to here was handled.
  let handledThrough: Timestamp?
  /// What the host says of itself; nil where there is none.
  let host: String?
  let zone: Zone

  /// How long the host gathers what it sums up, at most.
  private static let summaryInterval: Int64 = 60_000_000_000

  /// What became of some fires.
  enum Entry {
    /// What the store says.
    case kept(HistoryEntry)
    /// Of fires in a row that nothing is kept of, what can be said without. None is an instant at which no fire is due.
    case unkept(from: Timestamp, through: Timestamp, count: Int, reason: String)

    fileprivate var from: Timestamp {
      switch self {
      case .kept(let entry): entry.from
      case .unkept(let from, _, _, _): from
      }
    }
  }

  func entries(
    around center: Timestamp, _ extent: Extent, in store: some JobStore
  ) throws(Failure) -> [Entry] {
    let older = try HistoryEntry.newest(
      RunQuery(job: job.key, through: center, limit: extent.before), in: store,
      includingDecisions: true)
    var newer: [HistoryEntry] = []
    if extent.after > 0 {
      // The history of a job is bounded.
      newer = try HistoryEntry.newest(
        RunQuery(job: job.key, since: center.advanced(by: 1), limit: 20_000), in: store,
        includingDecisions: true
      ).filter { $0.from > center }.suffix(extent.after)
    }
    // Oldest first, so that attempts at the same instant are in their order.
    let kept = Array((newer + older).reversed())
    let fires = fires(around: center, extent, kept)
    let missing = fires.filter { fire in
      !kept.contains { entry in
        entry.from.advanced(by: -tolerance) <= fire && fire <= entry.through.advanced(by: tolerance)
      }
    }
    var entries = kept.map { Entry.kept($0) }
    entries += missing.map {
      .unkept(from: $0, through: $0, count: 1, reason: reason(of: $0, kept))
    }
    if let note = notDue(center, fires, kept, extent) {
      entries.append(.unkept(from: center, through: center, count: 0, reason: note))
    }
    return joined(entries.sorted { $0.from < $1.from })
  }

  /// Fires in a row of which the same is to be said are one entry.
  private func joined(_ entries: [Entry]) -> [Entry] {
    var joined: [Entry] = []
    for entry in entries {
      guard case .unkept(_, let through, let more, let reason) = entry,
        case .unkept(let from, _, let count, reason)? = joined.last
      else {
        joined.append(entry)
        continue
      }
      joined[joined.count - 1] = .unkept(
        from: from, through: through, count: count + more, reason: reason)
    }
    return joined
  }

  private var tolerance: Int64 { trigger?.tolerance ?? 0 }

  /// The fires that are looked at: the nearest ones, within what is kept.
  private func fires(
    around center: Timestamp, _ extent: Extent, _ kept: [HistoryEntry]
  ) -> [Timestamp] {
    guard let trigger else { return [] }
    let oldest = kept.map(\.from).min().map { min($0, center) } ?? job.registered
    let before = trigger.last(
      extent.before, through: center,
      notBefore: extent.after > 0 ? .distantPast : max(oldest, job.registered))
    var after: [Timestamp] = []
    var last = center
    while after.count < extent.after, let fire = trigger.next(after: last) {
      after.append(fire)
      last = fire
    }
    return before + after
  }

  /// Why nothing is kept of a fire, as far as can be said.
  private func reason(of fire: Timestamp, _ kept: [HistoryEntry]) -> String {
    if fire > now { return "not yet" }
    if fire < job.registered {
      return "no such job: it was first registered at \(iso(job.registered))"
    }
    if let orphaned = job.orphanedAt, fire >= orphaned {
      return "no script has had the job since \(iso(orphaned))"
    }
    switch job.state {
    case .paused where job.due.map { fire >= $0 } ?? true:
      return "held back: the job is paused\(because)"
    case .cancelled: return "not run: the job is cancelled\(because)"
    case .finished: return "not run: the job has ended"
    case .active, .paused: break
    }
    if let handled = handledThrough, fire > handled {
      return host == nil
        ? "not handled: no host is running; the last one had come as far as \(iso(handled))"
        : "not handled yet by the host that runs"
    }
    if let handled = handledThrough, fire > handled.advanced(by: -Self.summaryInterval) {
      return host == nil
        ? "handled; sums of the last minute go with a host that is cut off"
        : "handled; a sum reaches the store within a minute"
    }
    if !kept.contains(where: { $0.from < fire }) { return "nothing is kept from then" }
    return
      "nothing is kept; its trigger may have been another one then, or `from`, `till` or `times` left it out"
  }

  private func iso(_ instant: Timestamp) -> String { instant.iso(in: zone) }

  private var because: String { job.reason.map { ": \(LogPretty.visible($0))" } ?? "" }

  /// What is said at the instant that was asked for, when nothing is due there.
  private func notDue(
    _ center: Timestamp, _ fires: [Timestamp], _ kept: [HistoryEntry], _ extent: Extent
  ) -> String? {
    guard extent.after > 0 else { return nil }
    let isKept = kept.contains { $0.from <= center && center <= $0.through }
    let isDue = fires.contains {
      abs($0.distance(to: center)) <= max(tolerance, 999_999_999) && $0 <= center
    }
    guard !isKept, !isDue else { return nil }
    return trigger == nil ? "nothing is kept of a fire at this time" : "not due at this time"
  }
}
