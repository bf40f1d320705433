import MoonwheelModel

/// Changes that are committed together. ``condensed`` leaves out a change that a later one replaces, so a run that
/// begins and ends within a batch costs one row.
struct WriteBatch: Sendable {
  /// Changes that could not be committed before.
  private var earlier: [StoreChange] = []
  /// The newer changes in the lists in which they came: the thread that steps the core copies none.
  private var lists: [[StoreWrite]] = []
  private(set) var tickets: [UInt64] = []
  /// How many entries of the history are among them.
  private var records = 0
  /// How many entries of the history were left out.
  private(set) var dropped = 0

  /// The most entries of the history that one batch keeps: while the store is slow, failures might come faster than it
  /// takes them, and the memory of the host has a bound.
  static let recordLimit = 20_000

  var isEmpty: Bool { earlier.isEmpty && lists.isEmpty }
  /// Some change has a ticket: somebody waits for the commit.
  var isUrgent: Bool { !tickets.isEmpty }

  init() {}

  /// Appends a list, which is not empty.
  mutating func append(_ writes: [StoreWrite]) {
    lists.append(writes)
    for index in writes.indices {
      if writes[index].ticket != 0 { tickets.append(writes[index].ticket) }
      records += writes[index].change.isRecord ? 1 : 0
    }
    if records > Self.recordLimit { dropOldRecords() }
  }

  /// Leaves out the older half of the entries. A run whose start the store has already keeps its end, or the next host
  /// would take it for one that was cut off.
  private mutating func dropOldRecords() {
    var begun: Set<HistoryKey> = []
    var ended: Set<HistoryKey> = []
    var left = records / 2
    let kept = lists.joined().filter { write in
      guard left > 0, write.ticket == 0 else { return true }
      switch write.change {
      case .began(let record): begun.insert(record.key)
      case .ended(let record) where begun.contains(record.key): ended.insert(record.key)
      case .decision: break
      default: return true
      }
      left -= 1
      if case .began = write.change { return true }
      return false
    }
    lists = [
      kept.filter { write in
        if case .began(let record) = write.change { !ended.contains(record.key) } else { true }
      }
    ]
    let before = records
    records = lists[0].count { $0.change.isRecord }
    dropped += before - records
  }

  /// Inserts changes that could not be committed before the newer ones.
  mutating func prepend(_ changes: [StoreChange]) {
    earlier.insert(contentsOf: changes, at: 0)
  }

  /// The changes without those that a later change replaces.
  var condensed: [StoreChange] {
    var laterChanges = LaterChanges()
    var kept: [StoreChange] = []
    for writes in lists.reversed() {
      for write in writes.reversed() where laterChanges.isNeeded(write.change) {
        kept.append(write.change)
      }
    }
    for change in earlier.reversed() where laterChanges.isNeeded(change) { kept.append(change) }
    kept.reverse()
    return kept
  }

  /// The changes to store later when a commit has failed: all but the pending runs that are refused to their callers.
  var withoutRefused: [StoreChange] {
    earlier
      + lists.joined().compactMap { write in
        write.ticket != 0 && write.change.hasPendingRun ? nil : write.change
      }
  }
}

extension StoreChange {
  /// It adds an entry to the history.
  fileprivate var isRecord: Bool {
    switch self {
    case .began, .ended, .decision: true
    default: false
    }
  }
}

extension StoreChange {
  /// It adds a pending run, which is refused to who waits for it while the store fails.
  fileprivate var hasPendingRun: Bool {
    switch self {
    case .pendingRun: true
    case .together(let changes): changes.contains(where: \.hasPendingRun)
    default: false
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
    case .together(let changes):
      // Each may replace earlier ones, and stays itself.
      for change in changes.reversed() { _ = isNeeded(change) }
      return true
    case .ending, .afterRun, .afterRunDone, .sources, .forgetSources, .forgetSourcesOf, .job,
      .status, .state, .orphaned, .adopt, .forget,
      .decision,
      .decisionGrew, .seed:
      return true
    }
  }
}
