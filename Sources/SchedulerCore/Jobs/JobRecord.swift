import MoonwheelModel
import TimerWheel
import Triggers

/// A job as the core keeps it. What a fire needs is copied out of the policy and the trigger, so that it follows no
/// reference, and stands first, so that it lies in few lines of the cache.
struct JobRecord {
  var reuse: UInt32
  /// Place in the core's table of generations.
  var generation: Int32
  var callback: CallbackID
  var running: Int32 = 0
  var handle: JobHandle
  /// Its row in the store.
  var key = StoreKey.none
  /// Of a trigger that has nothing but a period; else 0.
  private(set) var period: Int64 = 0
  /// The nominal instant of the next fire, on the trigger's own clock; meaningful while `timer` is set.
  var due: Int64 = 0
  var timer = TimerID.none
  /// Fires of the trigger since it was registered.
  var fires: Int64 = 0
  var runs: Int64 = 0
  /// Wall time; the minimum is never.
  var lastStarted = Timestamp.distantPast
  /// The run that was started last.
  var latestRun = Run.ID(rawValue: 0)
  /// Nil or not empty.
  var waiting: WaitingRuns?
  /// Nil for most.
  var extras: JobExtras?
  /// How many runs may be under way at once.
  private(set) var instanceLimit: Int32 = 1
  /// Second up to which its records are spent.
  var recordsUntil: UInt32 = 0
  private(set) var priority: Int32 = 0
  var state = JobStatus.State.active
  /// It fires by a period in elapsed time, and has no option that a fire must look at.
  private(set) var isPeriodic = false
  /// It fires once, after a length of elapsed time, and has no option that a fire must look at.
  private(set) var isOneShot = false
  /// Whether the trigger goes by wall time.
  private(set) var isOnWallTime = false
  private(set) var isTimed = false
  /// A function of the script says when.
  private(set) var isCustom = false
  /// The period counts from the end of a run.
  private(set) var hasFixedDelay = false
  private(set) var hasArguments = false
  /// Not every instant counts, or fires are delayed.
  private(set) var hasWindow = false
  private(set) var hasGrace = false
  private(set) var hasHooks = false
  /// Its runs may have to be started again.
  private(set) var tracksRuns = false
  /// Its events are gathered.
  private(set) var gathersEvents = false
  /// It handles events one at a time, and has no option that the core must look at between them.
  private(set) var takesLeases = false
  /// Whether it is in the core's list of those whose sums and decisions are to be told to the store.
  var isOpen = false
  let isDynamic: Bool
  /// It handles events of the host.
  private(set) var isHostHandler = false
  /// The script gave the name.
  var isNamed = false
  /// The store has a row of it.
  var hasRow = false
  /// `due` waits for the job to go on, rather than for its timer.
  var isHeld = false
  /// Promised runs that have not begun.
  var pendingCount: Int32 = 0
  var script: ScriptID
  /// When the job was first registered, in elapsed nanoseconds for triggers on elapsed time, else in wall nanoseconds.
  var anchor: Int64 = 0
  /// Wall time of the first registration.
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

  /// The next fire cannot be told without the one before.
  var dependsOnLastFire: Bool {
    if case .time(.everyBetween) = trigger { return true }
    return isCustom || hasFixedDelay
  }

  /// Whether the next fire waits for the end of a run.
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
    takesLeases = false
    switch trigger {
    case .time(.after): isOneShot = hasNoPolicy
    case .event:
      takesLeases =
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

  /// Takes its place in a new generation.
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

  /// Lets go of what a free place need not hold.
  mutating func clear() {
    reuse &+= 1
    waiting = nil
    extras = nil
    key = .none
    isOpen = false
    isHeld = false
    name = ""
    script = ScriptID(rawValue: 0)  // no script's
    read(.onDemand)
  }
}
