import MoonwheelModel
import TimerWheel
import Triggers

/// The scheduler as a state machine: inputs and the time go in, effects come out.
///
/// It reads no clock, performs no I/O and uses no random numbers, so equal inputs give equal effects. One thread
/// uses the core at a time: it calls ``handle(_:at:into:)`` for each input, then ``advance(to:into:)``, and sleeps
/// until ``nextDeadline``.
///
/// **Never early, no drift.** A job's fires have nominal instants. The core computes each from the previous instant and
/// never from the time of waking: start + n·period, or the calendar's next instant. It uses the first tick of the wheel
/// that does not begin before the instant.
///
/// **Late.** When the core handles a fire a whole period late or more (a stalled host), one run stands for all fires
/// that have passed. It is the run of the latest; `run.missed` counts the others.
public struct SchedulerCore: ~Copyable {
  /// See ``Input/interest(_:listensToRuns:)``.
  var interest = HostEvent.Interest.all
  var listensToRuns = false
  var wheel: TimerWheel
  var clock: ClockReading
  var jobs = JobTable()
  var sums = SumTable()
  var freeJobs: [JobIndex] = []
  var generations: ContiguousArray<GenerationRecord> = []
  var freeGenerations: [GenerationIndex] = []
  var generationIndices: [GenerationID: GenerationIndex] = [:]
  var scripts: [ScriptID: ScriptRecord] = [:]
  var parks: ParkTable
  var lastRun: UInt64
  /// The number of the last request to a trigger function.
  var lastRequest: UInt32 = 0
  var activeRuns = 0
  var isDraining = false
  /// True if a job has, or had, a priority other than 0.
  var hasPriorities = false
  /// The number of jobs with a timer for a wall time.
  var wallTimers = 0
  /// The number of jobs with waiting runs.
  var waitingJobs = 0
  /// The number of jobs with a lease.
  var openLeases = 0
  /// The number of jobs whose next fire counts from the end of a run under way.
  var delayedJobs = 0
  /// The number of generations with a stuck run.
  var stuckRuns = 0
  /// The number of generations that are kept only for their runs under way.
  var retiredGenerations = 0
  /// The offset between the clocks for which the timers for wall times were set.
  var armedOffset: Int64
  var store: StoreState
  var delays = DelayTable()
  /// Runs under way that may have to be started again.
  var tracked: [Run.ID: PendingRun] = [:]
  /// Pending runs that the host does not start again.
  var dead: [Run.ID: PendingRun] = [:]
  /// Jobs that were removed while they had runs under way.
  var removedJobs: [JobID: RemovedJob] = [:]
  /// Jobs whose sums or decisions have changes that are not written. `summaryTimer` is set for the next write.
  var dirtySummaries: [JobID] = []
  /// The length of `dirtySummaries` at the last write.
  var previousSummaryCount = 0
  var summaryTimer = TimerID.none

  /// Run ids count up from `firstRun`, which must be greater than every id that was used before. Jobs in `stored`
  /// continue when their scripts are installed; nil is no store.
  public init(
    clock: ClockReading, firstRun: Run.ID, stored: StoredState? = nil, isDurable: Bool = false
  ) {
    wheel = TimerWheel(now: Tick(reached: clock.elapsed))
    parks = ParkTable()
    self.clock = clock
    lastRun = max(firstRun.rawValue, stored?.lastRun.rawValue ?? 0)
    armedOffset = clock.offset
    store = StoreState(stored, isDurable: isDurable, clock: clock)
  }

  /// The longest sleep while a timer for a wall time is set, since the wall clock may be set meanwhile.
  static let longestWallSleep: Int64 = 30_000_000_000

  /// The elapsed time, in nanoseconds, at which to call ``advance(to:into:)`` next; nil if no timer is set. May be
  /// early, never late.
  public var nextDeadline: Int64? {
    guard let due = nextDue else { return nil }
    guard hasWallTimers else { return due }
    return min(due, clock.elapsed &+ Self.longestWallSleep)
  }

  /// ``nextDeadline`` for a driver that gets a signal when the wall clock is set, and so need not wake every 30
  /// seconds.
  public var nextDue: Int64? { wheel.nextDeadline()?.elapsed }

  /// True if a timer for a wall time is set.
  var hasWallTimers: Bool { wallTimers + delays.wallCount > 0 }

  /// Call it before a timer for a wall time is set. The first such timer determines the offset of all.
  mutating func updateArmedOffset() {
    if !hasWallTimers { armedOffset = clock.offset }
  }

  /// True if something depends on the end of a run under way: another run, the next fire of a fixed delay, an event, or
  /// the end of a generation. Workers then report ends at once; otherwise a report may wait for some milliseconds.
  public var wantsReports: Bool {
    activeRuns > 0
      && (waitingJobs > 0 || delayedJobs > 0 || retiredGenerations > 0 || listensToRuns
        || isDraining || !tracked.isEmpty)
  }

  public var isIdle: Bool { activeRuns == 0 }

  /// Sets the time and handles all timers that are due.
  public mutating func advance(to reading: ClockReading, into effects: inout Effects) {
    _ = advance(to: reading, into: &effects, atMost: .max)
  }

  /// Sets the time and handles timers that are due, until there are about `count` runs and wake-ups, so that the driver
  /// can start these early. Returns true if more may be due. Ignores `count` if jobs have priorities, since these order
  /// all runs that are due.
  public mutating func advance(
    to reading: ClockReading, into effects: inout Effects, atMost count: Int
  ) -> Bool {
    observe(reading, into: &effects)
    let first = effects.dispatches.count
    let before = first + effects.wakes.count
    let limit = hasPriorities ? .max : count
    let now = Tick(reached: reading.elapsed)
    while let timer = wheel.popExpired(at: now) {
      switch TimerPayload(rawValue: timer.payload) {
      case .job(let index): fire(index, into: &effects)
      case .park(let slot): if let id = parks.expire(slot) { effects.wakes.append(id) }
      case .delay(let slot):
        if let due = delays.expire(slot) {
          enqueueDue(due.pending, of: due.script, named: due.name, into: &effects)
        }
      case .summaries:
        summaryTimer = .none
        flushSummaries(into: &effects)
      }
      let count = effects.dispatches.count + effects.wakes.count - before
      guard count < limit else { return true }
    }
    if hasPriorities { effects.dispatches.orderByPriority(from: first) }
    writeHandled(into: &effects)
    return false
  }

  /// Writes up to when fires are handled, but only after all scripts are loaded, since stored jobs may have fires
  /// before.
  private mutating func writeHandled(into effects: inout Effects) {
    guard store.hasHandled, store.hasLoaded, store.isDurable else { return }
    store.hasHandled = false
    write(.handled(through: clock.wall), into: &effects)
  }

  mutating func newRun() -> Run.ID {
    lastRun += 1
    return Run.ID(rawValue: lastRun)
  }

  @inline(__always)
  func publish(
    _ kind: HostEvent.Kind, _ index: JobIndex, run: Run.ID? = nil, scheduledAt: Timestamp? = nil,
    count: Int64 = 1, reason: String? = nil, failure: RunFailure? = nil,
    attempt: HostEvent.Attempt? = nil, status: String? = nil, depth: UInt8 = 0,
    into effects: inout Effects
  ) {
    guard interest.contains(kind) || kind == .jobFinished && failure != nil else { return }
    effects.events.append(
      HostEvent(
        kind: kind, script: jobs[index].script, job: jobs[index].name, run: run,
        scheduledAt: scheduledAt, count: count, reason: reason, failure: failure, attempt: attempt,
        status: status, isAboutHostHandler: jobs[index].schedule.isHostHandler, depth: depth))
  }

  /// Publishes an event about a script as a whole.
  func publish(
    _ kind: HostEvent.Kind, of script: ScriptID, reason: String, depth: UInt8,
    into effects: inout Effects
  ) {
    guard interest.contains(kind) else { return }
    effects.events.append(
      HostEvent(
        kind: kind, script: script, job: "", run: nil, scheduledAt: nil, count: 1, reason: reason,
        failure: nil, isAboutHostHandler: false, depth: depth))
  }
}
