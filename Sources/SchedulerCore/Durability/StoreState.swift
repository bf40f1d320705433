import MoonwheelModel
import Triggers

/// What the core knows of the store.
struct StoreState {
  /// A row without a job: its script is not loaded, or has it no more.
  struct KnownJob {
    var row: StoredJob
    var state: Value?
    var pendingRuns: [PendingRun] = []
    /// Cut off when the host before ended.
    var interrupted: [RunRecord] = []
    /// Its times were ahead of the clock: the store is to be told of them anew.
    var wasAhead = false
    /// Not seen since the start: what it missed while the host was down is caught up with.
    var wasDown = false
  }

  /// What waits for the store.
  enum Pending {
    case pendingRun(PendingRun, ScriptID, name: String, Reply)
    case answer(Reply, JobAnswer)
    /// The end of a run that changed its state.
    case report(RunReport)
  }

  /// Who asked.
  enum Reply {
    case nobody
    case park(ParkID)
    case request(UInt64)
  }

  /// Whether there is one.
  let isOn: Bool
  let isDurable: Bool
  var known: [String: [String: KnownJob]] = [:]
  /// Every fire up to here was handled by the host before; not later than the start.
  let handledBefore: Timestamp?
  /// The same as the store had it, where that was later than the start.
  let handledAhead: Timestamp?
  /// By how many nanoseconds what is stored was ahead of the clock at the start.
  let ahead: Int64
  /// The offset of the clocks with which elapsed times were stored.
  var offset: Int64
  /// All scripts that were there at the start have been tried.
  var hasLoaded = false
  /// A fire was handled since the store was told last.
  var hasHandled = false
  var pending: [UInt64: Pending] = [:]
  private var lastKey: StoreKey
  private var lastDecision: Decision.ID
  private var lastTicket: UInt64 = 0
  /// Elapsed time up to which records have been spent, see ``SchedulerCore/takesRecord(_:)``.
  var spent: Int64

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
    spent = clock.elapsed
    let awaited = Set(stored.pendingRuns.map(\.job) + stored.interrupted.map(\.job))
    var keys: [StoreKey: (String, String)] = [:]
    var counts: [String: Int] = [:]
    for row in stored.jobs { counts[row.script, default: 0] += 1 }
    for (script, count) in counts { known[script] = Dictionary(minimumCapacity: count) }
    for (row, before) in zip(stored.jobs, rows) {
      if awaited.contains(row.key) { keys[row.key] = (row.script, row.name) }
      known[row.script]?[row.name] = KnownJob(
        row: row, state: stored.states[row.key], wasAhead: row != before,
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

  mutating func newKey() -> StoreKey {
    lastKey.rawValue += 1
    return lastKey
  }

  mutating func newDecision() -> Decision.ID {
    lastDecision.rawValue += 1
    return lastDecision
  }

  mutating func ticket(for pending: Pending) -> UInt64 {
    lastTicket += 1
    self.pending[lastTicket] = pending
    return lastTicket
  }

  /// Whether something is stored of jobs that no script has had since the start.
  var hasKnown: Bool { !known.isEmpty }

  mutating func take(_ name: String, of script: String) -> KnownJob? {
    guard let known = known[script]?.removeValue(forKey: name) else { return nil }
    if self.known[script]?.isEmpty == true { self.known[script] = nil }
    return known
  }
}
