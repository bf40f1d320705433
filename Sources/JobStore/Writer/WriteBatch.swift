import MoonwheelModel

/// Changes that are committed together. ``condensed`` leaves out a change that a later one replaces, so a run that
/// begins and ends within a batch costs one row.
struct WriteBatch: Sendable {
  private(set) var changes: [StoreChange] = []
  private(set) var tickets: [UInt64] = []
  /// The indexes in `changes` of those with a ticket.
  private var ticketed: Set<Int> = []

  var isEmpty: Bool { changes.isEmpty && tickets.isEmpty }
  /// Some change has a ticket: somebody waits for the commit.
  var isUrgent: Bool { !tickets.isEmpty }

  init() {}

  mutating func append(contentsOf writes: [StoreWrite]) {
    for write in writes {
      if write.ticket != 0 {
        ticketed.insert(changes.count)
        tickets.append(write.ticket)
      }
      changes.append(write.change)
    }
  }

  /// Inserts changes that could not be committed before the newer ones.
  mutating func prepend(_ earlier: [StoreChange]) {
    ticketed = Set(ticketed.map { $0 + earlier.count })
    changes.insert(contentsOf: earlier, at: 0)
  }

  /// The changes without those that a later change replaces.
  var condensed: [StoreChange] {
    var laterChanges = LaterChanges()
    var kept: [StoreChange] = []
    kept.reserveCapacity(changes.count)
    for change in changes.reversed() where laterChanges.isNeeded(change) { kept.append(change) }
    kept.reverse()
    return kept
  }

  /// The changes to store later when a commit has failed: all but the pending runs that are refused to their callers.
  var withoutRefused: [StoreChange] {
    changes.enumerated().compactMap { index, change in
      if case .pendingRun = change, ticketed.contains(index) { return nil }
      return change
    }
  }
}

/// The later changes of a batch, read from its end: what of them makes earlier changes superfluous.
private struct LaterChanges {
  private var ended: Set<HistoryKey> = []
  private var endedPendingRuns: Set<Run.ID> = []
  private var counted: Set<StoreKey> = []
  private var summaries: Set<HistoryKey> = []
  private var hasHandled = false
  private var versions: Set<String> = []

  /// Adds the next change towards the front. Returns whether it is still needed.
  mutating func isNeeded(_ change: StoreChange) -> Bool {
    switch change {
    case .began(let record): return !ended.contains(record.key)
    case .ended(let record):
      ended.insert(record.key)
      return true
    case .pendingRunEnded(let run):
      endedPendingRuns.insert(run)
      return true
    case .pendingRun(let pending): return !endedPendingRuns.contains(pending.run)
    case .pendingRunStatus(let run, _, _): return !endedPendingRuns.contains(run)
    case .counts(let key, _, _, _, _): return counted.insert(key).inserted
    case .summary(let summary): return summaries.insert(summary.key).inserted
    case .handled:
      defer { hasHandled = true }
      return !hasHandled
    case .sources(let version): return versions.insert(version.script).inserted
    case .forgetSources, .forgetSourcesOf, .job, .status, .state, .orphaned, .forget, .decision,
      .decisionGrew, .seed:
      return true
    }
  }
}
