import MoonwheelModel
import Triggers

/// What a store in memory holds, and what its changes do. The rows of a job are oldest first.
struct StoredRows {
  /// One attempt of one run.
  struct Attempt: Hashable {
    var run: Run.ID
    var number: Int32

    init(_ record: RunRecord) {
      run = record.run
      number = record.attempt
    }
  }

  /// Runs of a job that were summed up.
  struct Sum: Hashable {
    var job: StoreKey
    var from: Timestamp

    init(_ summary: RunSummary) {
      job = summary.job
      from = summary.from
    }
  }

  /// A job and what hangs on it. An object, so that a table that grows moves references: it belongs to one table, which
  /// therefore is not copied.
  final class Row {
    var job: StoredJob
    var state: Value?
    var runs: [RunRecord] = []
    var summaries: [RunSummary] = []
    var decisions: [Decision] = []

    init(job: StoredJob) { self.job = job }
  }

  private(set) var rows: [StoreKey: Row] = [:]
  private(set) var underWay: [Attempt: RunRecord] = [:]
  private var pendingRuns: [Run.ID: PendingRun] = [:]
  /// Whose the runs are that have ended, and the decisions.
  private var ended: [Attempt: StoreKey] = [:]
  private var decided: [Decision.ID: StoreKey] = [:]
  private var summed: Set<Sum> = []
  private var arrivals = Arrivals()
  private let historyLimit: Int
  /// Jobs that may have more rows than their bounds allow.
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
    for record in rows[key]?.runs ?? [] { ended[Attempt(record)] = nil }
    for decision in rows[key]?.decisions ?? [] { decided[decision.id] = nil }
    for summary in rows[key]?.summaries ?? [] { summed.remove(Sum(summary)) }
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
    remove(Attempt(record))
    underWay[Attempt(record)] = record
  }

  private mutating func end(_ record: RunRecord) {
    marks.lastRun = max(marks.lastRun, record.run)
    guard rows[record.job] != nil else { return }
    remove(Attempt(record))
    rows[record.job]?.runs.put(record)
    ended[Attempt(record)] = record.job
    note(.run(Attempt(record)))
    unpruned.insert(record.job)
  }

  private mutating func remove(_ attempt: Attempt) {
    underWay[attempt] = nil
    guard let key = ended.removeValue(forKey: attempt) else { return }
    rows[key]?.runs.removeLast { Attempt($0) == attempt }
  }

  private mutating func put(_ summary: RunSummary) {
    guard rows[summary.job] != nil else { return }
    let isNew = !remove(Sum(summary))
    rows[summary.job]?.summaries.put(summary)
    summed.insert(Sum(summary))
    if isNew { note(.summary(Sum(summary))) }
    unpruned.insert(summary.job)
  }

  @discardableResult
  private mutating func remove(_ sum: Sum) -> Bool {
    guard summed.remove(sum) != nil else { return false }
    rows[sum.job]?.summaries.removeLast { $0.from == sum.from }
    return true
  }

  private mutating func put(_ decision: Decision) {
    marks.lastDecision = max(marks.lastDecision, decision.id)
    guard rows[decision.job] != nil else { return }
    let isNew = take(decision.id) == nil
    rows[decision.job]?.decisions.put(decision)
    decided[decision.id] = decision.job
    if isNew { note(.decision(decision.id)) }
    unpruned.insert(decision.job)
  }

  private mutating func take(_ id: Decision.ID) -> Decision? {
    guard let key = decided.removeValue(forKey: id) else { return nil }
    return rows[key]?.decisions.removeLast { $0.id == id }
  }

  private mutating func grow(_ id: Decision.ID, through: Timestamp, count: Int64) {
    guard var decision = take(id) else { return }
    decision.through = through
    decision.count = count
    put(decision)
  }

  // MARK: Bounds

  /// How many jobs a step looks at, and how many rows are taken away beyond the bound over all jobs.
  private static let step = 64

  /// Runs that have ended, sums and decisions of all jobs.
  private var historyCount: Int { ended.count + summed.count + decided.count }

  mutating func prune(at now: Timestamp) -> Bool {
    pruneJobs(at: now)
    var excess = min(historyCount - historyLimit, Self.step)
    while excess > 0, let oldest = arrivals.removeFirst() {
      if remove(oldest) { excess -= 1 }
    }
    return !unpruned.isEmpty || historyCount > historyLimit
  }

  /// Whether it was still there.
  private mutating func remove(_ row: Arrivals.Row) -> Bool {
    switch row {
    case .run(let attempt):
      guard ended[attempt] != nil else { return false }
      remove(attempt)
      return true
    case .summary(let sum): return remove(sum)
    case .decision(let id): return take(id) != nil
    }
  }

  private func has(_ row: Arrivals.Row) -> Bool {
    switch row {
    case .run(let attempt): ended[attempt] != nil
    case .summary(let sum): summed.contains(sum)
    case .decision(let id): decided[id] != nil
    }
  }

  /// A new row of the history is there.
  private mutating func note(_ row: Arrivals.Row) {
    arrivals.append(row)
    guard arrivals.count > 2 * historyCount + 1_024 else { return }
    arrivals.keep(where: has)
  }

  private mutating func pruneJobs(at now: Timestamp) {
    // An array, since a slice would keep the set from being changed in place.
    for key in Array(unpruned.prefix(Self.step)) {
      unpruned.remove(key)
      guard let job = rows[key]?.job else { continue }
      let good =
        rows[key]?.runs.keepNewest(job.history) { $0.status.isGood && $0.scheduledAt <= now } ?? []
      let bad =
        rows[key]?.runs.keepNewest(job.failures) { !$0.status.isGood && $0.scheduledAt <= now }
        ?? []
      for record in good + bad { ended[Attempt(record)] = nil }
      let sums = rows[key]?.summaries.keepNewest(job.history) { $0.through <= now } ?? []
      for summary in sums { summed.remove(Sum(summary)) }
      let old = rows[key]?.decisions.keepNewest(job.failures) { $0.through <= now } ?? []
      for decision in old { decided[decision.id] = nil }
    }
  }
}
