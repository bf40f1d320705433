import DequeModule
import MoonwheelModel
import Triggers

/// The content of a store in memory, and the effects of its changes.
struct StoredRows {
  /// A job. A class, so that a growing dictionary moves references only. Each object belongs to one dictionary, so
  /// nobody may copy a `StoredRows` and go on using both.
  final class Row {
    var job: StoredJob
    var state: Value?

    init(job: StoredJob) { self.job = job }
  }

  private(set) var rows: [StoreKey: Row] = [:]
  private(set) var underWay = HistoryTable<RunRecord>()
  private var pendingRuns: [Run.ID: PendingRun] = [:]
  /// The runs that have ended.
  private(set) var runs = HistoryTable<RunRecord>()
  private(set) var summaries = HistoryTable<RunSummary>()
  private(set) var decisions = HistoryTable<Decision>()
  /// The rows of the history in the order in which they came. A row that is removed in another way than by eviction
  /// stays listed until the queue reaches it, or has grown too much.
  private var evictionQueue: Deque<HistoryKey> = []
  private let historyLimit: Int
  /// The most memory for the history of all jobs.
  private let byteLimit: Int
  /// Jobs that may exceed the bounds of their history.
  private var unpruned: Set<StoreKey> = []
  /// What outlives the rows, in a state without rows.
  private var marks = StoredState()
  private(set) var sources = SourceTable()

  init(historyLimit: Int, byteLimit: Int) {
    self.historyLimit = historyLimit
    self.byteLimit = byteLimit
  }

  var loaded: StoredState {
    var state = marks
    state.jobs = rows.values.map(\.job).sorted { $0.key < $1.key }
    state.states = rows.compactMapValues(\.state)
    state.pendingRuns = pendingRuns.values.sorted { $0.run < $1.run }
    state.interrupted = rows.keys.flatMap { underWay.rows(of: $0) }.map(named)
      .sorted { ($0.run, $0.attempt) < ($1.run, $1.attempt) }
    return state
  }

  func pendingRuns(of job: StoreKey) -> [PendingRun] {
    pendingRuns.values.filter { $0.job == job }.sorted { $0.run < $1.run }
  }

  // MARK: Changes

  mutating func apply(_ change: StoreChange) {
    marks.updateMarks(for: change)
    switch change {
    case .job(let job):
      if let row = rows[job.key] { row.job = job } else { rows[job.key] = Row(job: job) }
      unpruned.insert(job.key)
    case .status(let key, let state, let reason, let due, let since):
      guard let row = rows[key] else { return }
      row.job.since = since
      row.job.state = state
      row.job.reason = reason
      row.job.due = due
    case .counts(let key, let runs, let fires, let lastStarted, let due):
      guard let row = rows[key] else { return }
      row.job.due = due
      row.job.runs = runs
      row.job.fires = fires
      row.job.lastStarted = lastStarted
    case .state(let key, let state): rows[key]?.state = state.isNil ? Optional.none : state
    case .orphaned(let key, let since): rows[key]?.job.orphanedAt = since
    case .adopt(let former, let key): adopt(former, into: key)
    case .forget(let key): forget(key)
    case .pendingRun(let pending):
      if rows[pending.job] != nil { pendingRuns[pending.run] = pending }
    case .pendingRunStatus(let run, let status, let crashes):
      pendingRuns[run]?.status = status
      pendingRuns[run]?.crashes = crashes
    case .pendingRunEnded(let run): pendingRuns[run] = nil
    case .began(let record): begin(record)
    case .ended(let record): end(record)
    case .summary(let summary): put(summary, in: \.summaries)
    case .decision(let decision): put(decision, in: \.decisions)
    case .decisionGrew(let id, let through, let count): grow(id, through: through, count: count)
    case .handled, .seed: break
    case .sources(let version): sources.add(version)
    case .forgetSourcesOf(let script): sources.forget(script)
    case .forgetSources(let kept): sources.forgetAll(except: kept)
    case .ending(let run, let attempt, let label): runs.setEnding(label, of: run, attempt)
    case .afterRun(let request): marks.add(request)
    case .afterRunDone(let id): marks.removeAfterRun(id)
    case .together(let changes): for change in changes { apply(change) }
    }
  }

  private mutating func forget(_ key: StoreKey) {
    underWay.removeAll(of: key)
    runs.removeAll(of: key)
    summaries.removeAll(of: key)
    decisions.removeAll(of: key)
    rows[key] = nil
    pendingRuns = pendingRuns.filter { $0.value.job != key }
    unpruned.remove(key)
  }

  /// Ends what the runs of an earlier host have left: it is gone with that host.
  mutating func endResources() { runs.endAll() }

  private mutating func adopt(_ former: StoreKey, into key: StoreKey) {
    guard former != key, let row = rows[key], let old = rows[former] else { return }
    row.state = old.state ?? row.state
    for var record in underWay.rows(of: former) {
      record.job = key
      underWay.put(record)
    }
    move(\.runs, former, key)
    move(\.summaries, former, key)
    move(\.decisions, former, key)
    for run in pendingRuns.values where run.job == former { pendingRuns[run.run]?.job = key }
    forget(former)
  }

  private mutating func move<History: HistoryRow>(
    _ table: WritableKeyPath<Self, HistoryTable<History>>, _ former: StoreKey, _ key: StoreKey
  ) {
    for var row in self[keyPath: table].rows(of: former) {
      self[keyPath: table].remove(row.key)
      row.job = key
      put(row, in: table)
    }
  }

  private mutating func begin(_ record: RunRecord) {
    guard rows[record.job] != nil else { return }
    runs.remove(record.key)
    underWay.put(record)
  }

  private mutating func end(_ record: RunRecord) {
    guard rows[record.job] != nil else { return }
    underWay.remove(record.key)
    put(record.released, in: \.runs)
  }

  private mutating func put<History: HistoryRow>(
    _ row: History, in table: WritableKeyPath<Self, HistoryTable<History>>
  ) {
    guard rows[row.job] != nil else { return }
    if self[keyPath: table].put(row) { enqueue(row.key) }
    unpruned.insert(row.job)
    // At once, and not when the writer is idle: results can be large.
    while historyBytes > byteLimit, let oldest = evictionQueue.popFirst() { _ = remove(oldest) }
  }

  private mutating func grow(_ id: Decision.ID, through: Timestamp, count: Int64) {
    guard var decision = decisions.remove(.decision(id)) else { return }
    decision.through = through
    decision.count = count
    put(decision, in: \.decisions)
  }

  // MARK: Bounds

  /// The most jobs that one step prunes, and the most rows that it evicts.
  private static let stepLimit = 64

  /// Of all jobs.
  private var historyCount: Int { runs.count + summaries.count + decisions.count }
  private var historyBytes: Int { runs.bytes + summaries.bytes + decisions.bytes }

  mutating func prune(at now: Timestamp) -> Bool {
    pruneJobs(at: now)
    var excess = min(historyCount - historyLimit, Self.stepLimit)
    while excess > 0, let oldest = evictionQueue.popFirst() {
      if remove(oldest) { excess -= 1 }
    }
    return !unpruned.isEmpty || historyCount > historyLimit
  }

  /// Returns whether the row was still stored.
  private mutating func remove(_ row: HistoryKey) -> Bool {
    switch row {
    case .run: runs.remove(row) != nil
    case .summary: summaries.remove(row) != nil
    case .decision: decisions.remove(row) != nil
    }
  }

  private func contains(_ row: HistoryKey) -> Bool {
    switch row {
    case .run: runs.contains(row)
    case .summary: summaries.contains(row)
    case .decision: decisions.contains(row)
    }
  }

  private mutating func enqueue(_ row: HistoryKey) {
    evictionQueue.append(row)
    guard evictionQueue.count > 2 * historyCount + 1_024 else { return }
    evictionQueue = evictionQueue.filter(contains)
  }

  private mutating func pruneJobs(at now: Timestamp) {
    // An array, because a slice would keep a copy of the set alive, and removing would copy the set.
    for key in Array(unpruned.prefix(Self.stepLimit)) {
      unpruned.remove(key)
      guard let job = rows[key]?.job else { continue }
      runs.keepNewest(job.history, of: key) { $0.status.isGood && $0.scheduledAt <= now }
      runs.keepNewest(job.failures, of: key) { !$0.status.isGood && $0.scheduledAt <= now }
      summaries.keepNewest(job.history, of: key) { $0.through <= now }
      decisions.keepNewest(job.failures, of: key) { $0.through <= now }
    }
  }
}
