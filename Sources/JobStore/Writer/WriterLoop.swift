import MoonwheelModel
import SystemCalls
import Triggers
import WorkerPool

/// What the writer's thread keeps: what could not be committed yet, and when it is tried again.
struct WriterLoop {
  struct Result {
    var tickets: [UInt64] = []
    var failure: StoreError?
    var health: StoreWriter.Health?
    /// How many changes were dropped.
    var dropped = 0
  }

  private static let shortestPause: Int64 = 250_000_000
  private static let longestPause: Int64 = 5_000_000_000
  /// Ends of runs after which old ones are looked for.
  private static let endsBeforePruning = 1_000

  private let store: any JobStore
  private var backlog: [StoreChange] = []
  private var dropped = 0
  private var failure: StoreError?
  private var pause = WriterLoop.shortestPause
  private var ends = 0
  private var mayPrune = true
  /// When the store is tried again, on the monotonic clock; the maximum while it works.
  private(set) var retryAt = Int64.max

  init(store: any JobStore) { self.store = store }

  /// The last commit has failed: another is tried, also if nothing waits for it.
  var isFailing: Bool { failure != nil }
  /// How many changes could not be committed yet.
  var backlogCount: Int { backlog.count }

  mutating func commit(_ batch: WriteBatch) -> Result {
    if let failure, Clocks.monotonic() < retryAt {
      var result = Result(tickets: batch.tickets, failure: failure)
      result.dropped = keep(batch.withoutRefused)
      return result
    }
    var batch = batch
    batch.prepend(backlog)
    backlog = []
    let changes = batch.condensed
    do {
      try store.commit(changes, isDurable: batch.isUrgent)
    } catch {
      return failed(error, batch)
    }
    ends += changes.count { if case .ended = $0 { true } else { false } }
    return worked(batch)
  }

  private mutating func worked(_ batch: WriteBatch) -> Result {
    var result = Result(tickets: batch.tickets)
    if failure != nil { result.health = .recovered(dropped: dropped) }
    failure = nil
    dropped = 0
    pause = Self.shortestPause
    retryAt = .max
    return result
  }

  private mutating func failed(_ error: StoreError, _ batch: WriteBatch) -> Result {
    var result = Result(tickets: batch.tickets, failure: error)
    if failure?.code != error.code { result.health = .degraded(error) }
    failure = error
    retryAt = Clocks.monotonic() + pause
    pause = min(pause * 2, Self.longestPause)
    result.dropped = keep(batch.withoutRefused)
    return result
  }

  /// Keeps changes for later; beyond the bound, the oldest of the history go first. Answers how many go.
  private mutating func keep(_ changes: [StoreChange]) -> Int {
    backlog += changes
    guard backlog.count > StoreWriter.keptChanges else { return 0 }
    let before = backlog.count
    var excess = before - StoreWriter.keptChanges * 3 / 4
    backlog.removeAll { change in
      guard excess > 0, change.isHistory else { return false }
      excess -= 1
      return true
    }
    dropped += before - backlog.count
    return before - backlog.count
  }

  /// Gives back what is beyond the history's bounds, in steps, as long as there is nothing better to do.
  mutating func prune(at now: Timestamp, while isQuiet: () -> Bool) {
    if ends >= Self.endsBeforePruning {
      ends = 0
      mayPrune = true
    }
    guard failure == nil else { return }
    while mayPrune, isQuiet() {
      do { mayPrune = try store.prune(at: now) } catch { mayPrune = false }
    }
  }
}

extension StoreChange {
  /// What may be lost when there is no room: it promises nothing to anybody.
  fileprivate var isHistory: Bool {
    switch self {
    case .began, .ended, .summary, .decision, .decisionGrew, .counts: true
    case .job, .status, .state, .orphaned, .forget, .pendingRun, .pendingRunStatus, .pendingRunEnded,
      .handled, .seed, .sources, .forgetSources, .forgetSourcesOf:
      false
    }
  }
}
