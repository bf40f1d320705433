import MoonwheelModel
import Triggers

/// The content of a store in memory, and the effects of its changes.
struct StoredRows {
  /// A job and its rows, oldest first. A class, so that a growing dictionary moves references only. Each object belongs
  /// to one dictionary, so nobody may copy a `StoredRows` and go on using both.
  final class Row {
    var job: StoredJob
    var state: Value?
    var runs: [RunRecord] = []
    var summaries: [RunSummary] = []
    var decisions: [Decision] = []

    init(job: StoredJob) { self.job = job }
  }

  private(set) var rows: [StoreKey: Row] = [:]
  private(set) var underWay: [AttemptKey: RunRecord] = [:]
  private var pendingRuns: [Run.ID: PendingRun] = [:]
  /// The jobs of the runs that have ended, and of the decisions.
  private var jobOfRun: [AttemptKey: StoreKey] = [:]
  private var jobOfDecision: [Decision.ID: StoreKey] = [:]
  private var summaryKeys: Set<SummaryKey> = []
  private var evictionQueue = EvictionQueue()
  private let historyLimit: Int
  /// Jobs that may exceed the bounds of their history.
  private var unpruned: Set<StoreKey> = []
  private var marks = StoredState()
  private(set) var sources: [String: StoredSources] = [:]

  init(historyLimit: Int) { self.historyLimit = historyLimit }

  var loaded: StoredState {
    var state = marks
    if rows.isEmpty, pendingRuns.isEmpty, underWay.isEmpty { return state }
    state.jobs = rows.values.map(\.job).sorted { $0.key < $1.key }
    state.states = rows.compactMapValues(\.state)
    state.pendingRuns = pendingRuns.values.sorted { $0.run < $1.run }
    state.interrupted = underWay.values.map(named)
      .sorted { ($0.run, $0.attempt) < ($1.run, $1.attempt) }
    return state
  }

  func pendingRuns(of job: StoreKey) -> [PendingRun] {
    pendingRuns.values.filter { $0.job == job }.sorted { $0.run < $1.run }
  }

  // MARK: Changes

  mutating func apply(_ change: StoreChange) {
    switch change {
    case .job(let job):
      marks.lastKey = max(marks.lastKey, job.key)
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
    case .forget(let key): forget(key)
    case .pendingRun(let pending): add(pending)
    case .pendingRunStatus(let run, let status, let crashes):
      pendingRuns[run]?.status = status
      pendingRuns[run]?.crashes = crashes
    case .pendingRunEnded(let run): pendingRuns[run] = nil
    case .began(let record): begin(record)
    case .ended(let record): end(record)
    case .summary(let summary): put(summary)
    case .decision(let decision): put(decision)
    case .decisionGrew(let id, let through, let count): grow(id, through: through, count: count)
    case .handled(let through): marks.handledThrough = through
    case .seed(let seed): marks.seed = seed
    case .sources(let version):
      guard sources[version.script]?.isVersion(of: version) != true else { return }
      sources[version.script] = version
    case .forgetSourcesOf(let script): sources[script] = nil
    case .forgetSources(let kept): sources = sources.filter { kept.contains($0.key) }
    }
  }

  private mutating func forget(_ key: StoreKey) {
    for record in rows[key]?.runs ?? [] { jobOfRun[AttemptKey(record)] = nil }
    for decision in rows[key]?.decisions ?? [] { jobOfDecision[decision.id] = nil }
    for summary in rows[key]?.summaries ?? [] { summaryKeys.remove(SummaryKey(summary)) }
    rows[key] = nil
    underWay = underWay.filter { $0.value.job != key }
    pendingRuns = pendingRuns.filter { $0.value.job != key }
    unpruned.remove(key)
  }

  private mutating func add(_ pending: PendingRun) {
    marks.lastRun = max(marks.lastRun, pending.run)
    guard rows[pending.job] != nil else { return }
    pendingRuns[pending.run] = pending
  }

  private mutating func begin(_ record: RunRecord) {
    marks.lastRun = max(marks.lastRun, record.run)
    guard rows[record.job] != nil else { return }
    remove(AttemptKey(record))
    underWay[AttemptKey(record)] = record
  }

  private mutating func end(_ record: RunRecord) {
    marks.lastRun = max(marks.lastRun, record.run)
    guard rows[record.job] != nil else { return }
    remove(AttemptKey(record))
    rows[record.job]?.runs.insertInOrder(record)
    jobOfRun[AttemptKey(record)] = record.job
    enqueue(.run(AttemptKey(record)))
    unpruned.insert(record.job)
  }

  private mutating func remove(_ attempt: AttemptKey) {
    underWay[attempt] = nil
    guard let key = jobOfRun.removeValue(forKey: attempt) else { return }
    rows[key]?.runs.removeLast { AttemptKey($0) == attempt }
  }

  private mutating func put(_ summary: RunSummary) {
    guard rows[summary.job] != nil else { return }
    let isNew = !remove(SummaryKey(summary))
    rows[summary.job]?.summaries.insertInOrder(summary)
    summaryKeys.insert(SummaryKey(summary))
    if isNew { enqueue(.summary(SummaryKey(summary))) }
    unpruned.insert(summary.job)
  }

  @discardableResult
  private mutating func remove(_ key: SummaryKey) -> Bool {
    guard summaryKeys.remove(key) != nil else { return false }
    rows[key.job]?.summaries.removeLast { $0.from == key.from }
    return true
  }

  private mutating func put(_ decision: Decision) {
    marks.lastDecision = max(marks.lastDecision, decision.id)
    guard rows[decision.job] != nil else { return }
    let isNew = removeDecision(decision.id) == nil
    rows[decision.job]?.decisions.insertInOrder(decision)
    jobOfDecision[decision.id] = decision.job
    if isNew { enqueue(.decision(decision.id)) }
    unpruned.insert(decision.job)
  }

  private mutating func removeDecision(_ id: Decision.ID) -> Decision? {
    guard let key = jobOfDecision.removeValue(forKey: id) else { return nil }
    return rows[key]?.decisions.removeLast { $0.id == id }
  }

  private mutating func grow(_ id: Decision.ID, through: Timestamp, count: Int64) {
    guard var decision = removeDecision(id) else { return }
    decision.through = through
    decision.count = count
    put(decision)
  }

  // MARK: Bounds

  /// The most jobs that one step prunes, and the most rows that it evicts.
  private static let stepLimit = 64

  /// Of all jobs.
  private var historyCount: Int { jobOfRun.count + summaryKeys.count + jobOfDecision.count }

  mutating func prune(at now: Timestamp) -> Bool {
    pruneJobs(at: now)
    var excess = min(historyCount - historyLimit, Self.stepLimit)
    while excess > 0, let oldest = evictionQueue.removeFirst() {
      if remove(oldest) { excess -= 1 }
    }
    return !unpruned.isEmpty || historyCount > historyLimit
  }

  /// Returns whether the row was still stored.
  private mutating func remove(_ row: HistoryKey) -> Bool {
    switch row {
    case .run(let attempt):
      guard jobOfRun[attempt] != nil else { return false }
      remove(attempt)
      return true
    case .summary(let key): return remove(key)
    case .decision(let id): return removeDecision(id) != nil
    }
  }

  private func contains(_ row: HistoryKey) -> Bool {
    switch row {
    case .run(let attempt): jobOfRun[attempt] != nil
    case .summary(let key): summaryKeys.contains(key)
    case .decision(let id): jobOfDecision[id] != nil
    }
  }

  private mutating func enqueue(_ row: HistoryKey) {
    evictionQueue.append(row)
    guard evictionQueue.count > 2 * historyCount + 1_024 else { return }
    evictionQueue.compact(keeping: contains)
  }

  private mutating func pruneJobs(at now: Timestamp) {
    // An array, because a slice would keep a copy of the set alive, and removing would copy the set.
    for key in Array(unpruned.prefix(Self.stepLimit)) {
      unpruned.remove(key)
      guard let job = rows[key]?.job else { continue }
      let good =
        rows[key]?.runs.keepNewest(job.history) { $0.status.isGood && $0.scheduledAt <= now } ?? []
      let bad =
        rows[key]?.runs.keepNewest(job.failures) { !$0.status.isGood && $0.scheduledAt <= now }
        ?? []
      for record in good + bad { jobOfRun[AttemptKey(record)] = nil }
      let summaries = rows[key]?.summaries.keepNewest(job.history) { $0.through <= now } ?? []
      for summary in summaries { summaryKeys.remove(SummaryKey(summary)) }
      let old = rows[key]?.decisions.keepNewest(job.failures) { $0.through <= now } ?? []
      for decision in old { jobOfDecision[decision.id] = nil }
    }
  }
}
