import MoonwheelModel
import Triggers

/// The core's view of the store.
struct StoreState {
  /// A stored job that the core does not have: its script is not loaded, or no longer has the job.
  struct KnownJob {
    var row: StoredJob
    var state: Value?
    /// For `state`.
    var stateHold = MemoryHold.none
    var pendingRuns: [PendingRun] = []
    /// Runs that were under way when the previous host ended.
    var interrupted: [RunRecord] = []
    /// True if the store has another row, such as one whose times were ahead of the clock.
    var differsFromStore = false
    /// True if no script of this host has had the job, so that it catches up with fires missed during the downtime.
    var wasDown = false
  }

  /// An action that waits for a change of the store.
  enum AwaitedWrite {
    case pendingRun(PendingRun, ScriptID, name: String, Reply)
    case answer(Reply, JobAnswer)
    /// Apply the end of a run that changed `run.state`.
    case report(RunEnd)
  }

  /// The receiver of an answer.
  enum Reply {
    case nobody
    case park(ParkID)
    case request(UInt64)
  }

  /// True if there is a store.
  let isOn: Bool
  let isDurable: Bool
  var known: [String: [String: KnownJob]] = [:]
  /// The previous host handled every fire up to this time. Not later than the start of this host.
  let handledBefore: Timestamp?
  /// The stored value of `handledBefore`, if that was later than the start of this host.
  let handledAhead: Timestamp?
  /// By how many nanoseconds the store was ahead of the clock at the start.
  let ahead: Int64
  /// The offset between the clocks with which the core converted the stored elapsed times to wall time.
  var offset: Int64
  /// True once the driver has tried to load all scripts.
  var hasLoaded = false
  /// True if a fire was handled since `handled(through:)` was last written.
  var hasHandled = false
  /// Of recorded runs under way.
  var causes: [Run.ID: RunCause] = [:]
  /// The changes that something waits for, by ticket.
  var awaitedWrites: [UInt64: AwaitedWrite] = [:]
  private var lastKey: StoreKey
  private var lastDecision: Decision.ID
  private var lastTicket: UInt64 = 0
  /// The elapsed time up to which the record budget of all jobs is used; see ``SchedulerCore/useRecordBudget(of:)``.
  var recordBudgetUsedUntil: Int64

  init(_ stored: StoredState?, isDurable: Bool, clock: ClockReading) {
    isOn = stored != nil
    self.isDurable = isDurable
    var stored = stored ?? StoredState()
    offset = clock.offset
    handledAhead = stored.handledThrough.flatMap { $0 > clock.wall ? $0 : nil }
    let rows = stored.jobs
    ahead = stored.setBack(to: clock.wall)
    hasHandled = ahead > 0
    handledBefore = stored.handledThrough
    lastKey = stored.lastKey
    lastDecision = stored.lastDecision
    recordBudgetUsedUntil = clock.elapsed
    let awaited = Set(stored.pendingRuns.map(\.job) + stored.interrupted.map(\.job))
    var keys: [StoreKey: (String, String)] = [:]
    var counts: [String: Int] = [:]
    for row in stored.jobs { counts[row.script, default: 0] += 1 }
    for (script, count) in counts { known[script] = Dictionary(minimumCapacity: count) }
    for (row, before) in zip(stored.jobs, rows) {
      if awaited.contains(row.key) { keys[row.key] = (row.script, row.name) }
      known[row.script]?[row.name] = KnownJob(
        row: row, state: stored.states[row.key], stateHold: stored.holds[row.key] ?? .none,
        differsFromStore: row != before,
        wasDown: row.orphanedAt == nil)
    }
    for pending in stored.pendingRuns {
      guard let (script, name) = keys[pending.job] else { continue }
      known[script]?[name]?.pendingRuns.append(pending)
    }
    for run in stored.interrupted {
      guard let (script, name) = keys[run.job] else { continue }
      known[script]?[name]?.interrupted.append(run)
    }
  }

  /// The fires of the job were handled up to this time.
  func handledBefore(of job: KnownJob) -> Timestamp? { job.row.unloadedSince ?? handledBefore }

  mutating func newKey() -> StoreKey {
    lastKey.rawValue += 1
    return lastKey
  }

  mutating func newDecision() -> Decision.ID {
    lastDecision.rawValue += 1
    return lastDecision
  }

  mutating func ticket(for write: AwaitedWrite) -> UInt64 {
    lastTicket += 1
    awaitedWrites[lastTicket] = write
    return lastTicket
  }

  /// What is kept of a script that is gone; empty if it is only history. `promises` counts those that a running host holds.
  func kept(of script: String, promises: Int = 0) -> [KeptJobs] {
    guard let jobs = known[script]?.values else { return [] }
    var kept = KeptJobs(script: script, jobs: jobs.count, promises: promises)
    for job in jobs {
      kept.states += job.state == nil ? 0 : 1
      kept.held += job.row.hold(ifTriggerIs: job.row.trigger) == nil ? 0 : 1
      kept.promises += job.pendingRuns.count { $0.status != .dead }
    }
    return kept.isWorthTelling ? [kept] : []
  }

  /// What is kept of a script that has just gone.
  func kept(of script: ScriptRecord, _ delays: DelayTable) -> [KeptJobs] {
    let waiting = script.orphans.values.reduce(0) { $0 + $1.count }
    return kept(of: script.name, promises: waiting + delays.count(of: script.id))
  }

  /// What is kept of all scripts but those that are loaded.
  func kept(without loaded: [String]) -> [KeptJobs] {
    let loaded = Set(loaded)
    return known.keys.sorted().filter { !loaded.contains($0) }.flatMap { kept(of: $0) }
  }

  /// Gives the jobs of a script that is gone to another one. A job that this has too adopts what belongs to the former.
  /// Returns the changes.
  mutating func move(from former: String, to script: String) -> [StoreChange] {
    let jobs = known.removeValue(forKey: former) ?? [:]
    return jobs.sorted { $0.key < $1.key }.flatMap { name, former -> [StoreChange] in
      guard var own = known[script]?[name] else {
        var moved = former
        moved.row.script = script
        known[script, default: [:]][name] = moved
        return [.job(moved.row)]
      }
      own.adopt(former)
      known[script]?[name] = own
      return [.adopt(former.row.key, into: own.row.key), .job(own.row)]
    }
  }

  /// Marks the jobs that no script has as orphaned, but those of scripts that do not load as not handled. Records the end
  /// of their runs that a crash cut off. Returns the changes.
  mutating func orphanKnown(
    at now: Timestamp, except unloaded: Set<String>
  ) -> [StoreChange] {
    var changes: [StoreChange] = []
    for script in known.keys.sorted() {
      for name in (known[script] ?? [:]).keys.sorted() {
        guard var job = known[script]?[name] else { continue }
        let isUnloaded = unloaded.contains(script) && job.row.orphanedAt == nil
        if isUnloaded, job.row.unloadedSince == nil {
          job.row.unloadedSince = handledBefore ?? job.row.since
          job.differsFromStore = true
          known[script]?[name] = job
        }
        if job.differsFromStore { changes.append(.job(job.row)) }
        changes += job.interrupted.map { .ended($0.abandoned(at: now)) }
        known[script]?[name]?.interrupted = []
        guard job.row.orphanedAt == nil, !isUnloaded else { continue }
        known[script]?[name]?.row.orphanedAt = now
        changes.append(.orphaned(job.row.key, now))
      }
    }
    return changes
  }

  /// True if the store has jobs that no script of this host has had.
  var hasKnown: Bool { !known.isEmpty }

  mutating func removeKnown(_ name: String, of script: String) -> KnownJob? {
    guard let known = known[script]?.removeValue(forKey: name) else { return nil }
    if self.known[script]?.isEmpty == true { self.known[script] = nil }
    return known
  }
}

extension StoreState.KnownJob {
  /// Adds what belongs to the job of another name of the script.
  fileprivate mutating func adopt(_ former: Self) {
    state = former.state ?? state
    row.runs += former.row.runs
    if row.state == .active, let hold = former.row.hold(ifTriggerIs: row.trigger) {
      (row.state, row.since, row.reason) = (hold.state, hold.since, hold.reason)
      row.due = former.row.due
    }
    for var pending in former.pendingRuns {
      pending.job = row.key
      pendingRuns.append(pending)
    }
    for var run in former.interrupted {
      run.job = row.key
      interrupted.append(run)
    }
  }
}
