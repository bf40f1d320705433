import MoonwheelModel
import TimerWheel
import Triggers

/// The scheduler as a state machine: inputs and the time go in, effects come out.
///
/// It reads no clock, starts nothing and draws nothing at random, so the same inputs give the same effects. One thread
/// owns it. Order of use: ``handle(_:at:into:)`` for each input, then ``advance(to:into:)``, then sleep until
/// ``nextDeadline``.
///
/// **Never early, no drift.** A job's fires are nominal instants, computed from the one before, never from the time of
/// waking: start + n·period, or the calendar's next after the last. The wheel's tick is the first that does not begin
/// before the instant.
///
/// **Late.** When a fire is handled a whole period late or more (a stalled host), the fires that have passed meanwhile
/// are one run, of the latest; the rest is counted in `run.missed`.
public struct SchedulerCore: ~Copyable {
  /// The kinds of host events that anybody wants; others are not made.
  public var interest = HostEvent.Interest.all
  /// Whether somebody handles the events that tell how runs end.
  public var listensToRuns = false
  /// Makes an empty lease, so that workers can start the next event of a handler themselves; nil where they may not.
  public var makeLease: (@Sendable () -> any EventLease)?

  var wheel: TimerWheel
  var clock: ClockReading
  var jobs = JobTable()
  var sums = SumTable()
  var freeJobs: [UInt32] = []
  var generations: ContiguousArray<GenerationRecord> = []
  var freeGenerations: [Int] = []
  var generationIndex: [GenerationID: Int] = [:]
  var scripts: [ScriptID: ScriptRecord] = [:]
  var parks: ParkTable
  var lastRun: UInt64
  /// Questions to functions count up.
  var lastRequest: UInt32 = 0
  var activeRuns = 0
  var isDraining = false
  /// Whether a job has, or had, a priority other than 0.
  var hasPriorities = false
  /// Armed timers that go by wall time.
  var wallTimers = 0
  /// Jobs with runs that wait for another to end.
  var waitingJobs = 0
  /// Jobs under way whose next fire counts from the end of the run.
  var delayedJobs = 0
  /// Generations with a run that computes for long.
  var stuckRuns = 0
  /// Generations that are kept for their runs alone.
  var retiredGenerations = 0
  /// Offset of the clocks for which the wall timers were armed.
  var armedOffset: Int64
  var store: StoreState
  var delays = DelayTable()
  /// Promised runs, and those that may be tried again, under way.
  var tracked: [Run.ID: PendingRun] = [:]
  /// Promised runs that are not tried again by themselves.
  var dead: [Run.ID: PendingRun] = [:]
  /// Jobs that left while runs of them were under way.
  var removedJobs: [JobID: RemovedJob] = [:]
  /// Jobs whose sums the store is not told of yet, and when it will be.
  var dirtySummaries: [JobID] = []
  /// How many there were when the store was told last.
  var summariesBefore = 0
  var summaryTimer = TimerID.none

  /// `firstRun` must be greater than every id that was given out before: the ids count up from it. What is stored goes on
  /// when its scripts are installed; nil is no store.
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

  /// The longest sleep while a calendar trigger is armed: its clock may be set meanwhile.
  static let longestWallSleep: Int64 = 30_000_000_000

  /// When ``advance(to:into:)`` is to be called next, in nanoseconds of elapsed time; nil if nothing is due ever.
  /// May be early, never late.
  public var nextDeadline: Int64? {
    guard let due = nextDue else { return nil }
    guard hasWallTimers else { return due }
    return min(due, clock.elapsed &+ Self.longestWallSleep)
  }

  /// The same for a driver that knows when the wall clock is set.
  public var nextDue: Int64? { wheel.nextDeadline()?.elapsed }

  /// Whether something is to happen at a wall time.
  var hasWallTimers: Bool { wallTimers + delays.wallCount > 0 }

  /// To be called before a timer for a wall time is set.
  mutating func noteWallTimer() {
    if !hasWallTimers { armedOffset = clock.offset }
  }

  /// Whether something depends on the end of a run under way (another run, the next fire of a fixed delay, an event, the
  /// end of a generation), so that it should be reported at once; else it may wait for some milliseconds.
  public var wantsReports: Bool {
    activeRuns > 0
      && (waitingJobs > 0 || delayedJobs > 0 || retiredGenerations > 0 || listensToRuns
        || isDraining || !tracked.isEmpty)
  }

  public var isIdle: Bool { activeRuns == 0 }

  /// Takes the time and fires what is due.
  public mutating func advance(to reading: ClockReading, into effects: inout Effects) {
    _ = advance(to: reading, into: &effects, atMost: .max)
  }

  /// Whether what is due is fired all at once.
  public var firesAllAtOnce: Bool { hasPriorities }

  /// The same for about so many runs and wake-ups, so that they can be started before the others are looked at; answers whether there may
  /// be more to fire. All at once where jobs have priorities, since these are about everything that is due.
  public mutating func advance(
    to reading: ClockReading, into effects: inout Effects, atMost count: Int
  ) -> Bool {
    observe(reading, into: &effects)
    let first = effects.dispatches.count
    let before = first + effects.wakes.count
    let most = hasPriorities ? .max : count
    let now = Tick(reached: reading.elapsed)
    while let timer = wheel.popExpired(at: now) {
      if let park = ParkTable.slot(of: timer.payload) {
        if let id = parks.expire(park) { effects.wakes.append(id) }
      } else if let delay = DelayTable.slot(of: timer.payload) {
        if let slot = delays.expire(delay) { enqueueDue(slot, into: &effects) }
      } else if timer.payload == Self.summaryMark {
        summaryTimer = .none
        flushSummaries(into: &effects)
      } else {
        fire(Int(timer.payload), into: &effects)
      }
      let count = effects.dispatches.count + effects.wakes.count - before
      guard count < most else { return true }
    }
    if hasPriorities { Self.order(&effects.dispatches, from: first) }
    noteHandled(into: &effects)
    return false
  }

  /// Tells the store how far fires are handled, but not before it is known who was to have some.
  private mutating func noteHandled(into effects: inout Effects) {
    guard store.hasHandled, store.hasLoaded, store.isDurable else { return }
    store.hasHandled = false
    write(.handled(through: clock.wall), into: &effects)
  }

  /// Stable: what is due at once keeps its order within a priority.
  private static func order(_ dispatches: inout [Dispatch], from first: Int) {
    guard dispatches[first...].contains(where: { $0.priority != 0 }) else { return }
    let sorted = dispatches[first...].enumerated().sorted {
      ($1.element.priority, $0.offset) < ($0.element.priority, $1.offset)
    }
    dispatches.replaceSubrange(first..., with: sorted.map(\.element))
  }

  mutating func newRun() -> Run.ID {
    lastRun += 1
    return Run.ID(rawValue: lastRun)
  }

  func publish(
    _ kind: HostEvent.Kind, _ index: Int, run: Run.ID? = nil, scheduledAt: Timestamp? = nil,
    count: Int64 = 1, reason: String? = nil, failure: RunFailure? = nil, depth: UInt8 = 0,
    into effects: inout Effects
  ) {
    let isBadEnd = kind == .jobFinished && failure != nil
    guard interest.contains(kind) || isBadEnd else { return }
    effects.events.append(
      HostEvent(
        kind: kind, script: jobs[index].script, job: jobs[index].name, run: run,
        scheduledAt: scheduledAt, count: count, reason: reason, failure: failure,
        isAboutHostHandler: jobs[index].isHostHandler, depth: depth))
  }

  /// What is about a script as a whole.
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
