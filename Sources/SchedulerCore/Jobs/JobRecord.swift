import MoonwheelModel
import TimerWheel
import Triggers

/// A job in the core. The properties that a fire needs are copied from the policy and the trigger, so that a fire
/// follows no reference. They come first, so that they share few cache lines.
struct JobRecord {
  /// Counts how often the index was given to another job; see ``JobID/reuse``.
  var reuse: UInt32
  var generation: GenerationIndex
  var callback: CallbackID
  /// The number of runs under way.
  var running: Int32 = 0
  var handle: JobHandle
  /// The key of its row in the store.
  var key = StoreKey.none
  var schedule = Schedule.onDemand
  private(set) var options: JobOptions = []
  var state = JobStatus.State.active
  /// True if `due` is kept for the time when the job is resumed.
  var isHeld = false
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
  /// True if the job is in ``SchedulerCore/dirtySummaries``.
  var hasDirtySummary = false
  let isDynamic: Bool
  /// True if the script gave the name.
  var isNamed = false
  /// True if the job's row has been written to the store.
  var hasRow = false
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

  init(
    _ registration: Registration, of script: ScriptID, in generation: GenerationIndex, reuse: UInt32
  ) {
    self.reuse = reuse
    self.script = script
    self.generation = generation
    callback = registration.callback
    handle = registration.handle
    isDynamic = registration.isDynamic
    policy = registration.policy
    name = registration.name
    trigger = registration.trigger
    read(registration.policy)
  }

  /// True if the next fire depends on the end of a run under way.
  var isDelayed: Bool { schedule.hasFixedDelay && running > 0 }

  mutating func read(_ policy: SharedPolicy) {
    self.policy = policy
    let limit = policy.value.overlap == .allow ? policy.value.maxInstances : 1
    instanceLimit = Int32(clamping: max(1, limit))
    priority = Int32(clamping: policy.value.priority)
    options = JobOptions(policy.value)
    updateSchedule()
  }

  mutating func read(_ trigger: JobTrigger) {
    self.trigger = trigger
    updateSchedule()
  }

  /// A trigger function keeps its open request.
  private mutating func updateSchedule() {
    defer {
      if schedule.isOnWallTime { options.insert(.wallTime) } else { options.remove(.wallTime) }
    }
    if case .custom = trigger, schedule.isCustom { return }
    schedule = Schedule(trigger, policy.value)
  }

  /// Counts a run that starts; returns its number.
  mutating func begin(at wall: Timestamp) -> Int64 {
    running += 1
    runs += 1
    lastStarted = wall
    return runs
  }

  /// Moves the job to a new generation.
  mutating func adopt(
    _ registration: Registration, in generation: GenerationIndex, keepingTrigger: Bool
  ) {
    self.generation = generation
    handle = registration.handle
    callback = registration.callback
    name = registration.name
    if !keepingTrigger || schedule.isCustom { read(registration.trigger) }
    if !keepingTrigger {
      runs = 0
      fires = 0
    }
    read(
      keepingTrigger ? registration.policy.resolved(as: policy.value.window) : registration.policy)
  }

  private static let noPolicy = SharedPolicy(JobPolicy())

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
    policy = Self.noPolicy
  }
}

extension JobRecord {
  /// The time up to which the job's instants are handled or do not count. Fires do not change it.
  var since: Timestamp { extras?.since ?? registered }

  /// How somebody holds the job back; nil if nobody does.
  var hold: JobHold? {
    switch state {
    case .active, .finished: nil
    case .paused where extras?.reason == JobHold.pausedOption: nil
    case .paused, .cancelled: JobHold(state: state, since: since, reason: extras?.reason)
    }
  }
}
