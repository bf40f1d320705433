import JobStore
import MoonwheelModel
import Synchronization
import Triggers

/// A store that is simple enough to be obviously right: lists, searched from end to end.
final class NaiveStore: JobStore {
  private let rows = Mutex(NaiveRows())
  private let keys = Mutex(NaiveKeys())
  let isDurable = false

  func load() -> StoredState { rows.withLock { $0.loaded } }

  func commit(_ changes: [StoreChange], isDurable: Bool) {
    rows.withLock { rows in
      for change in changes { rows.apply(change) }
    }
  }

  func perform(_ batch: KeyBatch) -> KeyOutcome { keys.withLock { $0.perform(batch) } }

  func runs(_ query: RunQuery) -> [RunRecord] { rows.withLock { $0.runs(query) } }
  func summaries(_ query: RunQuery) -> [RunSummary] { rows.withLock { $0.summaries(query) } }
  func decisions(_ query: RunQuery) -> [Decision] { rows.withLock { $0.decisions(query) } }

  func jobs(script: String?, name: String?) -> [StoredJob] {
    rows.withLock { rows in
      rows.state.jobs.filter { (script ?? $0.script, name ?? $0.name) == ($0.script, $0.name) }
        .sorted { ($0.script, $0.name, $0.key) < ($1.script, $1.name, $1.key) }
    }
  }

  func pendingRuns(of job: StoreKey) -> [PendingRun] {
    rows.withLock { rows in rows.state.pendingRuns.filter { $0.job == job } }
  }

  func sources(of script: String) -> StoredSources? {
    rows.withLock { rows in
      rows.current.contains(script) ? rows.versions.last { $0.script == script } : nil
    }
  }

  func generations(of script: String) -> [StoredGeneration] {
    rows.withLock { rows in
      rows.versions.filter { $0.script == script }.reversed().enumerated().map { index, sources in
        StoredGeneration(
          version: sources.version, loadedAt: sources.loadedAt,
          isCurrent: index == 0 && rows.current.contains(script))
      }
    }
  }

  func sources(of script: String, _ version: SourceVersion) -> StoredSources? {
    rows.withLock { rows in
      rows.versions.last { $0.script == script && $0.version == version }
    }
  }

  func prune(at now: Timestamp) -> Bool {
    rows.withLock { $0.prune(at: now) }
    return false
  }

  func close() {
    rows.withLock { rows in
      for index in rows.ended.indices { rows.ended[index].ending = nil }
    }
  }
}

private struct NaiveRows {
  var state = StoredState()
  var ended: [RunRecord] = []
  var summaries: [RunSummary] = []
  var decisions: [Decision] = []
  /// Of all scripts, newest last.
  var versions: [StoredSources] = []
  /// The scripts with a last good version.
  var current: Set<String> = []

  var loaded: StoredState {
    var loaded = state
    loaded.interrupted = runs(RunQuery(statuses: [.running], limit: .max))
      .sorted { ($0.run, $0.attempt) < ($1.run, $1.attempt) }
    return loaded
  }

  private func has(_ key: StoreKey) -> Bool { state.jobs.contains { $0.key == key } }

  private mutating func change(_ key: StoreKey, _ body: (inout StoredJob) -> Void) {
    for index in state.jobs.indices where state.jobs[index].key == key { body(&state.jobs[index]) }
  }

  mutating func apply(_ change: StoreChange) {
    switch change {
    case .job(let job):
      state.jobs = (state.jobs.filter { $0.key != job.key } + [job]).sorted { $0.key < $1.key }
      state.lastKey = max(state.lastKey, job.key)
    case .status(let key, let status, let reason, let due, let since):
      self.change(key) {
        ($0.state, $0.reason, $0.due, $0.since) = (status, reason, due, since)
      }
    case .counts(let key, let runs, let fires, let lastStarted, let due):
      self.change(key) {
        ($0.runs, $0.fires, $0.lastStarted, $0.due) = (runs, fires, lastStarted, due)
      }
    case .state(let key, let value):
      if has(key) { state.states[key] = value.isNil ? Optional.none : value }
    case .orphaned(let key, let since): self.change(key) { $0.orphanedAt = since }
    case .adopt(let former, let key):
      guard former != key, has(former), has(key) else { return }
      state.states[key] = state.states[former] ?? state.states[key]
      for index in state.pendingRuns.indices where state.pendingRuns[index].job == former {
        state.pendingRuns[index].job = key
      }
      for index in state.interrupted.indices where state.interrupted[index].job == former {
        state.interrupted[index].job = key
      }
      for index in ended.indices where ended[index].job == former { ended[index].job = key }
      for index in decisions.indices where decisions[index].job == former {
        decisions[index].job = key
      }
      let moved = summaries.filter { $0.job == former }.map(\.from)
      summaries.removeAll { $0.job == key && moved.contains($0.from) }
      for index in summaries.indices where summaries[index].job == former {
        summaries[index].job = key
      }
      forget(former)
    case .forget(let key): forget(key)
    case .pendingRun(let pending):
      state.lastRun = max(state.lastRun, pending.run)
      guard has(pending.job) else { return }
      state.pendingRuns = (state.pendingRuns.filter { $0.run != pending.run } + [pending])
        .sorted { $0.run < $1.run }
    case .pendingRunStatus(let run, let status, let crashes):
      for index in state.pendingRuns.indices where state.pendingRuns[index].run == run {
        state.pendingRuns[index].status = status
        state.pendingRuns[index].crashes = crashes
      }
    case .pendingRunEnded(let run): state.pendingRuns.removeAll { $0.run == run }
    case .began(let record): put(record, into: \.state.interrupted)
    case .ended(let record): put(record, into: \.ended)
    case .summary(let summary):
      guard has(summary.job) else { return }
      summaries.removeAll { $0.job == summary.job && $0.from == summary.from }
      summaries.append(summary)
    case .decision(let decision):
      state.lastDecision = max(state.lastDecision, decision.id)
      guard has(decision.job) else { return }
      decisions.removeAll { $0.id == decision.id }
      decisions.append(decision)
    case .decisionGrew(let id, let through, let count):
      for index in decisions.indices where decisions[index].id == id {
        decisions[index].through = through
        decisions[index].count = count
      }
    case .handled(let through): state.handledThrough = through
    case .seed(let seed): state.seed = seed
    case .sources(let version):
      let last = versions.last { $0.script == version.script }
      if current.contains(version.script), last?.isVersion(of: version) == true { return }
      var next = version
      let before = versions.first { $0.script == version.script && $0.version == version.version }
      if next.jobs.isNil { next.jobs = before?.jobs ?? .nil }
      versions.removeAll { $0.script == version.script && $0.version == version.version }
      versions.append(next)
      current.insert(version.script)
      let count = versions.count { $0.script == version.script }
      if count > 20, let oldest = versions.firstIndex(where: { $0.script == version.script }) {
        versions.remove(at: oldest)
      }
    case .forgetSourcesOf(let script): current.remove(script)
    case .forgetSources(let kept): current.formIntersection(kept)
    case .ending(let run, let attempt, let label):
      for index in ended.indices where ended[index].run == run && ended[index].attempt == attempt {
        ended[index].ending = label
      }
    case .afterRun(let request):
      state.afterRuns = (state.afterRuns.filter { $0.id != request.id } + [request])
        .sorted { $0.id < $1.id }
    case .afterRunDone(let id): state.afterRuns.removeAll { $0.id == id }
    case .together(let changes): for change in changes { apply(change) }
    }
  }

  private mutating func forget(_ key: StoreKey) {
    state.jobs.removeAll { $0.key == key }
    state.states[key] = nil
    state.pendingRuns.removeAll { $0.job == key }
    state.interrupted.removeAll { $0.job == key }
    ended.removeAll { $0.job == key }
    summaries.removeAll { $0.job == key }
    decisions.removeAll { $0.job == key }
  }

  private mutating func put(_ record: RunRecord, into list: WritableKeyPath<Self, [RunRecord]>) {
    state.lastRun = max(state.lastRun, record.run)
    guard has(record.job) else { return }
    state.interrupted.removeAll { $0.run == record.run && $0.attempt == record.attempt }
    ended.removeAll { $0.run == record.run && $0.attempt == record.attempt }
    self[keyPath: list].append(record)
  }

  mutating func prune(at now: Timestamp) {
    for job in state.jobs {
      let runs = allRuns.filter {
        $0.job == job.key && $0.status != .running && $0.scheduledAt <= now
      }
      let good = runs.filter(\.status.isGood).dropFirst(job.history)
      let bad = runs.filter { !$0.status.isGood }.dropFirst(job.failures)
      ended.removeAll { good.contains($0) || bad.contains($0) }
      let oldSummaries = allSummaries.filter { $0.job == job.key && $0.through <= now }
        .dropFirst(job.history)
      summaries.removeAll { oldSummaries.contains($0) }
      let oldDecisions = allDecisions.filter { $0.job == job.key && $0.through <= now }
        .dropFirst(job.failures)
      decisions.removeAll { oldDecisions.contains($0) }
    }
  }

  // MARK: Queries, newest first

  private var allRuns: [RunRecord] {
    (ended + state.interrupted).sorted {
      ($0.scheduledAt, $0.run, $0.attempt) > ($1.scheduledAt, $1.run, $1.attempt)
    }
  }

  private var allSummaries: [RunSummary] {
    summaries.sorted { ($0.through, $0.from, $0.job) > ($1.through, $1.from, $1.job) }
  }

  private var allDecisions: [Decision] {
    decisions.sorted { ($0.through, $0.id) > ($1.through, $1.id) }
  }

  private func job(_ key: StoreKey) -> StoredJob {
    guard let job = state.jobs.first(where: { $0.key == key }) else {
      preconditionFailure("the model lacks job \(key)")
    }
    return job
  }

  private func matches(
    _ query: RunQuery, _ key: StoreKey, _ from: Timestamp, _ through: Timestamp
  ) -> Bool {
    let job = job(key)
    if let wanted = query.job, wanted != key { return false }
    if let script = query.script, script != job.script { return false }
    if let name = query.name, name != job.name { return false }
    if let since = query.since, through < since { return false }
    if let last = query.through, from > last { return false }
    return true
  }

  func runs(_ query: RunQuery) -> [RunRecord] {
    allRuns.filter {
      matches(query, $0.job, $0.scheduledAt, $0.scheduledAt)
        && (query.run == nil || query.run == $0.run)
        && (query.statuses?.contains($0.status) ?? true)
    }.prefix(query.limit).map { $0.of(job($0.job)) }
  }

  func summaries(_ query: RunQuery) -> [RunSummary] {
    guard query.run == nil, query.statuses?.contains(.succeeded) ?? true else { return [] }
    return allSummaries.filter { matches(query, $0.job, $0.from, $0.through) }
      .prefix(query.limit).map { $0.of(job($0.job)) }
  }

  func decisions(_ query: RunQuery) -> [Decision] {
    guard query.statuses == nil else { return [] }
    return allDecisions.filter {
      matches(query, $0.job, $0.from, $0.through) && (query.run == nil || query.run == $0.run)
    }.prefix(query.limit).map { $0.of(job($0.job)) }
  }
}
