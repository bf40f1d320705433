import JobStore
import MoonwheelModel
import Triggers

/// The outcome of each fire of a job around an instant, oldest first: the rows of the store, and the fires without a
/// row, with a likely reason.
package struct Timeline {
  /// How many entries come before the instant, and after it.
  package struct Extent {
    package var before: Int
    package var after: Int

    package init(before: Int, after: Int) {
      self.before = before
      self.after = after
    }
  }

  package let job: StoredJob
  /// Nil if the fires cannot be computed.
  package let trigger: StoredTrigger?
  package let now: Timestamp
  /// The host has handled every fire up to here.
  package let handledThrough: Timestamp?
  /// The host that has the store open for writing; nil if there is none.
  let host: String?
  package let zone: Zone

  /// A host writes its summaries at least this often, in nanoseconds.
  private static let summaryInterval: Int64 = 60_000_000_000

  package init(
    job: StoredJob, trigger: StoredTrigger?, now: Timestamp, handledThrough: Timestamp?,
    host: String?, zone: Zone
  ) {
    self.job = job
    self.trigger = trigger
    self.now = now
    self.handledThrough = handledThrough
    self.host = host
    self.zone = zone
  }

  package enum Entry {
    case recorded(HistoryEntry)
    /// Consecutive fires without a row. A count of 0 is an instant at which no fire is due.
    case unrecorded(from: Timestamp, through: Timestamp, count: Int, reason: String)

    fileprivate var from: Timestamp {
      switch self {
      case .recorded(let entry): entry.from
      case .unrecorded(let from, _, _, _): from
      }
    }
  }

  package func entries(
    around center: Timestamp, _ extent: Extent, in store: some JobStore
  ) throws(StoreError) -> [Entry] {
    let older = try HistoryEntry.newest(
      RunQuery(job: job.key, through: center, limit: extent.before), in: store,
      includingDecisions: true)
    var newer: [HistoryEntry] = []
    if extent.after > 0 {
      // The oldest of these are wanted; the limit is beyond the history that a store keeps of a job.
      newer = try HistoryEntry.newest(
        RunQuery(job: job.key, since: center.advanced(by: 1), limit: 20_000), in: store,
        includingDecisions: true
      ).filter { $0.from > center }.suffix(extent.after)
    }
    // Reverse the rows instead of sorting them, so that attempts at the same instant keep their order.
    let rows = Array((newer + older).reversed())
    let fires = fires(around: center, extent, rows)
    let missing = fires.filter { fire in
      !rows.contains { entry in
        entry.from.advanced(by: -tolerance) <= fire && fire <= entry.through.advanced(by: tolerance)
      }
    }
    var entries = rows.map { Entry.recorded($0) }
    entries += missing.map {
      .unrecorded(from: $0, through: $0, count: 1, reason: reason(of: $0, rows))
    }
    if let reason = notDue(center, fires, rows, extent) {
      entries.append(.unrecorded(from: center, through: center, count: 0, reason: reason))
    }
    return joined(entries.sorted { $0.from < $1.from })
  }

  /// Joins consecutive fires with the same reason into one entry.
  private func joined(_ entries: [Entry]) -> [Entry] {
    var joined: [Entry] = []
    for entry in entries {
      guard case .unrecorded(_, let through, let more, let reason) = entry,
        case .unrecorded(let from, _, let count, reason)? = joined.last
      else {
        joined.append(entry)
        continue
      }
      joined[joined.count - 1] = .unrecorded(
        from: from, through: through, count: count + more, reason: reason)
    }
    return joined
  }

  private var tolerance: Int64 { trigger?.tolerance ?? 0 }

  /// The computed fires nearest to the instant, but none before the oldest row.
  private func fires(
    around center: Timestamp, _ extent: Extent, _ rows: [HistoryEntry]
  ) -> [Timestamp] {
    guard let trigger else { return [] }
    let oldest = rows.map(\.from).min().map { min($0, center) } ?? job.registered
    let before = trigger.last(
      extent.before, through: center,
      notBefore: extent.after > 0 ? .distantPast : max(oldest, job.registered))
    return before + trigger.first(extent.after, after: center)
  }

  /// The likely reason why the store has no row about a fire.
  private func reason(of fire: Timestamp, _ rows: [HistoryEntry]) -> String {
    if fire > now { return "not yet" }
    if fire < job.registered {
      return "no such job: it was first registered at \(iso(job.registered))"
    }
    if let orphaned = job.orphanedAt, fire >= orphaned {
      return "no script has had the job since \(iso(orphaned))"
    }
    if let unloaded = job.unloadedSince, fire > unloaded {
      return "not handled: the script of the job has not loaded since \(iso(unloaded))"
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
        ? "handled; a host that crashes loses its summaries of the last minute"
        : "handled; its summary reaches the store within a minute"
    }
    if !rows.contains(where: { $0.from < fire }) { return "nothing is kept from then" }
    return
      "nothing is kept; its trigger may have been another one then, or `from`, `till` or `times` left it out"
  }

  private func iso(_ instant: Timestamp) -> String { instant.iso(in: zone) }

  /// The reason for the state of the job, to follow it in a sentence.
  package var because: String { job.reason.map { ": \($0.escapingControls)" } ?? "" }

  /// Says that no fire is due at the instant that the user gave; nil if one is.
  private func notDue(
    _ center: Timestamp, _ fires: [Timestamp], _ rows: [HistoryEntry], _ extent: Extent
  ) -> String? {
    guard extent.after > 0 else { return nil }
    let isRecorded = rows.contains { $0.from <= center && center <= $0.through }
    let isDue = fires.contains {
      abs($0.distance(to: center)) <= max(tolerance, 999_999_999) && $0 <= center
    }
    guard !isRecorded, !isDue else { return nil }
    return trigger == nil ? "nothing is kept of a fire at this time" : "not due at this time"
  }
}
