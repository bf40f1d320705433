import MoonwheelModel
import TimerWheel
import Triggers

/// A job in the core. The properties that a fire needs are copied from the policy and the trigger, so that a fire
/// follows no reference. They come first, so that they share few cache lines.
struct JobRecord {
  /// Counts how often the index was given to another job; see ``JobID/reuse``.
  var reuse: UInt32
  /// The index in the core's table of generations.
  var generation: Int32
  var callback: CallbackID
  /// The number of runs under way.
  var running: Int32 = 0
  var handle: JobHandle
  /// The key of its row in the store.
  var key = StoreKey.none
  /// The period in nanoseconds of a trigger that has only a period; else 0.
  private(set) var period: Int64 = 0
  /// The nominal instant of the next fire, on the trigger's own clock. Valid while `timer` is set or `isHeld` is true.
  var due: Int64 = 0
  var timer = TimerID.none
  /// The number of fires since the job was registered.
  var fires: Int64 = 0
  var runs: Int64 = 0
  /// The wall time of the last start; `.distantPast` is never.
  var lastStarted = Timestamp.distantPast
  /// The run that started last.
  var latestRun = Run.ID(rawValue: 0)
  /// The items that wait for their turn; nil if there are none.
  var waiting: WaitingRuns?
  /// Nil for a job that needs none of them.
  var extras: JobExtras?
  /// The most runs that may be under way at once.
  private(set) var instanceLimit: Int32 = 1
  /// The second of elapsed time up to which the job's record budget is used.
  var recordBudgetUsedUntil: UInt32 = 0
  private(set) var priority: Int32 = 0
  var state = JobStatus.State.active
  /// True if the trigger is a period in elapsed time and no option affects a fire.
  private(set) var isPeriodic = false
  /// True if the trigger fires once after a length of elapsed time and no option affects the fire.
  private(set) var isOneShot = false
  /// True if the trigger's instants are wall times, false if they are elapsed times.
  private(set) var isOnWallTime = false
  private(set) var isTimed = false
  /// True if the trigger is a function of the script.
  private(set) var isCustom = false
  /// True if the period counts from the end of a run.
  private(set) var hasFixedDelay = false
  private(set) var hasArguments = false
  /// True if some instants do not count, or fires are delayed.
  private(set) var hasWindow = false
  private(set) var hasGrace = false
  private(set) var hasHooks = false
  /// True if the job's runs may have to be started again.
  private(set) var tracksRuns = false
  /// True if a run may get several events.
  private(set) var gathersEvents = false
  /// True if the job handles events one at a time and no option affects the start of the next one.
  private(set) var allowsLeases = false
  /// True if the job is in ``SchedulerCore/dirtySummaries``.
  var hasDirtySummary = false
  let isDynamic: Bool
  /// True if the job handles events of the host.
  private(set) var isHostHandler = false
  /// True if the script gave the name.
  var isNamed = false
  /// True if the job's row has been written to the store.
  var hasRow = false
  /// True if `due` is kept for the time when the job is resumed.
  var isHeld = false
  /// The number of pending runs that have not begun.
  var pendingCount: Int32 = 0
  var script: ScriptID
  /// The time from which a period counts, on the trigger's own clock, in nanoseconds. For a trigger function, the
  /// instant of the last request.
  var anchor: Int64 = 0
  /// The wall time of the first registration.
  var registered = Timestamp.distantPast
  private(set) var policy: SharedPolicy
  var name: String
  private(set) var trigger: JobTrigger

  init(_ registration: Registration, of script: ScriptID, in generation: Int, reuse: UInt32) {
    self.reuse = reuse
    self.script = script
    self.generation = Int32(generation)
    callback = registration.callback
    handle = registration.handle
    isDynamic = registration.isDynamic
    policy = registration.policy
    name = registration.name
    trigger = registration.trigger
    read(registration.trigger)
    read(registration.policy)
  }

  /// True if the next fire cannot be computed without the previous one.
  var dependsOnLastFire: Bool {
    if case .time(.everyBetween) = trigger { return true }
    return isCustom || hasFixedDelay
  }

  /// True if the next fire depends on the end of a run under way.
  var isDelayed: Bool { hasFixedDelay && running > 0 }

  mutating func read(_ policy: SharedPolicy) {
    self.policy = policy
    let limit = policy.value.overlap == .allow ? policy.value.maxInstances : 1
    instanceLimit = Int32(clamping: max(1, limit))
    priority = Int32(clamping: policy.value.priority)
    hasFixedDelay = policy.value.fixedDelay && period > 0
    hasArguments = !policy.value.arguments.isNil
    hasWindow = !policy.value.window.isOpen
    hasGrace = policy.value.grace != nil
    hasHooks = !policy.value.hooks.isEmpty
    tracksRuns = policy.value.retry != nil || policy.value.restart == true
    gathersEvents = policy.value.gathersEvents
    updateIsPeriodic()
  }

  mutating func read(_ trigger: JobTrigger) {
    self.trigger = trigger
    isTimed = false
    isOnWallTime = false
    isCustom = false
    isHostHandler = false
    period = 0
    switch trigger {
    case .onDemand: break
    case .event(let pattern):
      isHostHandler = pattern.matchesHostEvents
    case .time(let trigger):
      isTimed = true
      isOnWallTime = !trigger.isElapsed
      if case .every(let nanoseconds, _) = trigger { period = nanoseconds }
    case .custom:
      isTimed = true
      isOnWallTime = true
      isCustom = true
    }
    hasFixedDelay = policy.value.fixedDelay && period > 0
    updateIsPeriodic()
  }

  private mutating func updateIsPeriodic() {
    let hasNoPolicy =
      !isOnWallTime && !hasFixedDelay && !hasArguments && !hasWindow && !hasGrace && !tracksRuns
      && !gathersEvents
    isPeriodic = hasNoPolicy && period > 0
    isOneShot = false
    allowsLeases = false
    switch trigger {
    case .time(.after): isOneShot = hasNoPolicy
    case .event:
      allowsLeases =
        hasNoPolicy && !hasHooks && instanceLimit == 1 && policy.value.overlap == .queue
        && !policy.value.isolatesRuns
    default: break
    }
  }

  /// Counts a run that starts; returns its number.
  mutating func begin(at wall: Timestamp) -> Int64 {
    running += 1
    runs += 1
    lastStarted = wall
    return runs
  }

  /// Moves the job to a new generation.
  mutating func adopt(_ registration: Registration, in generation: Int, keepingTrigger: Bool) {
    self.generation = Int32(generation)
    handle = registration.handle
    callback = registration.callback
    name = registration.name
    if !keepingTrigger || isCustom { read(registration.trigger) }
    if !keepingTrigger {
      runs = 0
      fires = 0
    }
    read(
      keepingTrigger ? registration.policy.resolved(as: policy.value.window) : registration.policy)
  }

  /// Frees the index for another job, and releases the objects of this one.
  mutating func clear() {
    reuse &+= 1
    waiting = nil
    extras = nil
    key = .none
    hasDirtySummary = false
    isHeld = false
    name = ""
    script = ScriptID(rawValue: 0)  // belongs to no script
    read(.onDemand)
  }
}
