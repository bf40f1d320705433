import MoonwheelModel
import Triggers

/// Changes that are committed together. What a later one makes superfluous is left out, so that a run that begins and ends
/// within a batch costs one row.
struct WriteBatch: Sendable {
  private(set) var changes: [StoreChange] = []
  private(set) var tickets: [UInt64] = []
  /// By place in `changes`, those that somebody waits for.
  private var waiting: Set<Int> = []

  var isEmpty: Bool { changes.isEmpty && tickets.isEmpty }
  /// Somebody waits for it.
  var isUrgent: Bool { !tickets.isEmpty }

  init() {}

  mutating func append(contentsOf writes: [StoreWrite]) {
    for write in writes {
      if write.ticket != 0 {
        waiting.insert(changes.count)
        tickets.append(write.ticket)
      }
      changes.append(write.change)
    }
  }

  /// Puts what could not be committed in front of what has come since.
  mutating func prepend(_ earlier: [StoreChange]) {
    waiting = Set(waiting.map { $0 + earlier.count })
    changes.insert(contentsOf: earlier, at: 0)
  }

  /// Without what a later change replaces.
  var condensed: [StoreChange] {
    var isLast = LastChanges()
    var kept: [StoreChange] = []
    kept.reserveCapacity(changes.count)
    for change in changes.reversed() where isLast.note(change) { kept.append(change) }
    kept.reverse()
    return kept
  }

  /// What is still to be stored when a commit has failed: all but the promises that are refused to their callers.
  var withoutRefused: [StoreChange] {
    changes.enumerated().compactMap { place, change in
      if case .pendingRun = change, waiting.contains(place) { return nil }
      return change
    }
  }
}

/// Read from the last change to the first: whether one still matters.
private struct LastChanges {
  private struct Attempt: Hashable {
    var run: Run.ID
    var attempt: Int32
  }

  private struct Sum: Hashable {
    var job: StoreKey
    var from: Timestamp
  }

  private var ended: Set<Attempt> = []
  private var endedPendingRuns: Set<Run.ID> = []
  private var counted: Set<StoreKey> = []
  private var sums: Set<Sum> = []
  private var hasHandled = false
  private var versions: Set<String> = []

  mutating func note(_ change: StoreChange) -> Bool {
    switch change {
    case .began(let run): return !ended.contains(Attempt(run: run.run, attempt: run.attempt))
    case .ended(let run):
      ended.insert(Attempt(run: run.run, attempt: run.attempt))
      return true
    case .pendingRunEnded(let run):
      endedPendingRuns.insert(run)
      return true
    case .pendingRun(let pending): return !endedPendingRuns.contains(pending.run)
    case .pendingRunStatus(let run, _, _): return !endedPendingRuns.contains(run)
    case .counts(let key, _, _, _, _): return counted.insert(key).inserted
    case .summary(let sum):
      return sums.insert(Sum(job: sum.job, from: sum.from)).inserted
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
