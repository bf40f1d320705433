import MoonwheelModel
import SystemCalls
import Triggers

/// The state of the writer's thread: the changes that it could not commit yet, and when it tries again.
struct WriterLoop {
  /// Beyond so many changes that wait for a failing store, the oldest of the history are dropped. Other changes have
  /// no limit.
  static let backlogLimit = 100_000
  /// The most memory for the history among these.
  static let backlogBytes = 8 << 20
  // In nanoseconds.
  private static let shortestPause: Int64 = 250_000_000
  private static let longestPause: Int64 = 5_000_000_000
  /// How many runs end between two rounds of pruning.
  private static let endsBeforePruning = 1_000

  private let store: any JobStore
  private var backlog: [StoreChange] = []
  private var dropped = 0
  private var failure: StoreError?
  private var pause = WriterLoop.shortestPause
  private var ends = 0
  private var mayPrune = true
  /// When to try the store again, on the monotonic clock; the maximum while it works.
  private(set) var retryAt = Int64.max

  init(store: any JobStore) { self.store = store }

  /// The last commit has failed. The writer tries again even if there is nothing to commit.
  var isFailing: Bool { failure != nil }
  /// How many changes could not be committed yet.
  var backlogCount: Int { backlog.count }

  mutating func commit(_ batch: WriteBatch) -> CommitResult {
    if let failure, Clocks.monotonic() < retryAt {
      var result = CommitResult(tickets: batch.tickets, failure: failure)
      result.dropped = keep(batch)
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
    ends += changes.reduce(0) { $0 + $1.ends }
    return succeeded(batch)
  }

  private mutating func succeeded(_ batch: WriteBatch) -> CommitResult {
    var result = CommitResult(tickets: batch.tickets)
    result.dropped = batch.dropped
    dropped += batch.dropped
    if failure != nil {
      result.health = .recovered(dropped: dropped)
    } else if dropped > 0 {
      result.health = .slow(dropped: dropped)
    }
    failure = nil
    dropped = 0
    pause = Self.shortestPause
    retryAt = .max
    return result
  }

  private mutating func failed(_ error: StoreError, _ batch: WriteBatch) -> CommitResult {
    var result = CommitResult(tickets: batch.tickets, failure: error)
    if failure?.code != error.code { result.health = .degraded(error) }
    failure = error
    retryAt = Clocks.monotonic() + pause
    pause = min(pause * 2, Self.longestPause)
    result.dropped = keep(batch)
    return result
  }

  /// Does commands on keys, unless the store fails. The second result is nil if the store was not asked.
  mutating func perform(
    _ batch: KeyBatch
  ) -> (outcome: Result<KeyOutcome, StoreError>, commit: CommitResult?) {
    if let failure { return (.failure(failure), nil) }
    do {
      return (.success(try store.perform(batch)), batch.mayWrite ? CommitResult() : nil)
    } catch {
      return (.failure(error), failed(error, WriteBatch()))
    }
  }

  /// Keeps changes for later, and of each job's states the newest. Beyond a limit, drops the oldest changes of the
  /// history, until three quarters of the limit are left. Returns how many it dropped.
  private mutating func keep(_ batch: WriteBatch) -> Int {
    backlog += batch.withoutRefused
    dropped += batch.dropped
    backlog = backlog.withNewestStates
    let before = backlog.count
    let bytes = backlog.reduce(0) { $0 + $1.historyBytes }
    var excess = before > Self.backlogLimit ? before - Self.backlogLimit * 3 / 4 : 0
    var excessBytes = bytes > Self.backlogBytes ? bytes - Self.backlogBytes * 3 / 4 : 0
    guard excess > 0 || excessBytes > 0 else { return batch.dropped }
    backlog.removeAll { change in
      guard excess > 0 || excessBytes > 0, change.isHistory else { return false }
      excess -= 1
      excessBytes -= change.historyBytes
      return true
    }
    dropped += before - backlog.count
    return before - backlog.count + batch.dropped
  }

  /// Removes rows that exceed the bounds of the history, step by step, while the writer has nothing else to do.
  mutating func prune(at now: Timestamp, while isIdle: () -> Bool) {
    if ends >= Self.endsBeforePruning {
      ends = 0
      mayPrune = true
    }
    guard failure == nil else { return }
    while mayPrune, isIdle() {
      do { mayPrune = try store.prune(at: now) } catch { mayPrune = false }
    }
  }
}

extension [StoreChange] {
  /// Without the states that a later one of the same job replaces.
  fileprivate var withNewestStates: [StoreChange] {
    var newest: [StoreKey: Int] = [:]
    for (index, change) in enumerated() {
      if case .state(let key, _) = change { newest[key] = index }
    }
    guard !newest.isEmpty else { return self }
    return enumerated().compactMap { index, change in
      if case .state(let key, _) = change, newest[key] != index { return nil }
      return change
    }
  }
}

extension StoreChange {
  /// About how much memory a change of the history takes.
  fileprivate var historyBytes: Int {
    switch self {
    case .began(let record), .ended(let record): record.footprint
    case .decision(let decision): decision.footprint
    case .together(let changes): changes.reduce(0) { $0 + $1.historyBytes }
    default: 0
    }
  }

  /// How many runs end with it.
  fileprivate var ends: Int {
    switch self {
    case .ended: 1
    case .together(let changes): changes.reduce(0) { $0 + $1.ends }
    default: 0
    }
  }

  /// It records the past and promises nothing, so it may be lost if there is no room.
  fileprivate var isHistory: Bool {
    switch self {
    case .began, .ended, .ending, .summary, .decision, .decisionGrew, .counts: true
    case .together(let changes): changes.allSatisfy(\.isHistory)
    case .job, .status, .state, .orphaned, .adopt, .forget, .pendingRun, .pendingRunStatus,
      .pendingRunEnded,
      .handled, .seed, .sources, .forgetSources, .forgetSourcesOf, .afterRun, .afterRunDone:
      false
    }
  }
}
