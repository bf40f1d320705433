import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Triggers
import WorkerPool

/// The worker's record of a run under way.
struct ActiveRun {
  /// Why the run is ended from outside.
  enum End {
    case limits
    case cancelled(String)
    /// It could not be preempted for this processor time. `inLua`: Lua code ran inside a C function meanwhile.
    case stuck(inLua: Bool, Duration)
  }

  /// The dispatch, without arguments and state to free them early. An event stays, since a retry needs it. Nil for runs
  /// of no job.
  let origin: Dispatch?
  /// The lease that its event came from; nil for other runs.
  let lease: (any EventLease)?
  var id: Run.ID
  var job: JobID
  var handle: JobHandle
  /// The length of the chain of events that led to this run.
  var depth: UInt8
  var limits: RunLimits
  /// Elapsed time.
  let startedAt: Int64
  /// Elapsed times of the interrupt and of the drop.
  var softAt: Int64
  var hardAt: Int64
  /// Processor time used, in nanoseconds; counted only if the run has a limit of it.
  var cpu: Int64 = 0
  var end = End.limits
  /// Elapsed time from which the grace counts: the interrupt was due, and the run had a turn.
  var interruptedAt: Int64?
  /// Time on a worker, in nanoseconds.
  var workerTime: Int64 = 0
  /// The most bytes that its isolate held while it ran.
  var peakMemory = 0
  /// Nil for most runs.
  private(set) var extras: RunExtras?
  /// Whether this is the load of a script.
  var isLoad = false
  /// The request that a trigger function answers; nil for other runs.
  private(set) var request: OpenRequest?
  /// Receives the outcome of a call that belongs to no job; nil for other runs.
  private(set) var onEnd: (@Sendable (IsolateOutcome) -> Void)?

  init(_ dispatch: Dispatch, limits: RunLimits, now: Int64) {
    var origin = dispatch
    if origin.extras?.content.isNeededAtEnd == false { origin.extras = nil }
    self.origin = origin
    lease = dispatch.extras?.content.lease
    startedAt = now
    id = dispatch.run
    job = dispatch.job
    handle = dispatch.handle
    depth = dispatch.eventDepth
    self.limits = limits
    softAt = now.saturatingSum(limits.soft)
    hardAt = now.saturatingSum(limits.hard)
    if let state = dispatch.extras?.content.state { makeExtras().state = state }
  }

  /// The load of a script.
  init(loadWithin limits: RunLimits) {
    origin = nil
    lease = nil
    startedAt = 0
    id = Run.ID(rawValue: 0)
    job = .none
    handle = JobHandle(index: .max, reuse: 0)
    depth = 0
    self.limits = limits
    softAt = .max
    hardAt = .max
    isLoad = true
  }

  /// A call of a trigger function.
  init(_ request: OpenRequest, limits: RunLimits, now: Int64) {
    origin = nil
    lease = nil
    startedAt = now
    id = Run.ID(rawValue: 0)
    job = request.request.job
    handle = request.request.handle
    depth = 0
    self.limits = limits
    softAt = now.saturatingSum(limits.soft)
    hardAt = now.saturatingSum(limits.hard)
    self.request = request
  }

  /// A call that belongs to no job. `cpu` limits its processor time, in nanoseconds.
  init(callWithin cpu: Int64, now: Int64, onEnd: @escaping @Sendable (IsolateOutcome) -> Void) {
    origin = nil
    lease = nil
    startedAt = now
    id = Run.ID(rawValue: 0)
    job = .none
    handle = JobHandle(index: .max, reuse: 0)
    depth = 0
    limits = RunLimits(soft: .max, hard: .max, cpu: cpu)
    softAt = .max
    hardAt = .max
    self.onEnd = onEnd
  }

  /// Which hook of the job this run calls; nil for its callback.
  var hook: Hooks? { origin?.extras?.content.hook?.which }

  mutating func makeExtras() -> RunExtras {
    if let extras { return extras }
    let made = RunExtras()
    extras = made
    return made
  }

  /// Ends the run now, with the same interrupt and grace as at its limits.
  mutating func cancel(_ reason: String, now: Int64) { interrupt(.cancelled(reason), now: now) }

  mutating func interrupt(_ end: End, now: Int64) {
    guard softAt > now else { return }
    self.end = end
    softAt = now
    hardAt = now
  }

  /// The limits of a turn that begins now, on the monotonic clock.
  package func turn(elapsed: Int64, monotonic: Int64, sliceEnd: Int64) -> TurnLimits {
    var soft = monotonic.saturatingSum(softAt == .max ? .max : softAt - elapsed)
    if limits.cpu != .max { soft = min(soft, monotonic.saturatingSum(limits.cpu - cpu)) }
    let byTime = monotonic.saturatingSum(hardAt == .max ? .max : hardAt - elapsed)
    let byCPU =
      limits.cpu == .max
      ? .max : monotonic.saturatingSum(limits.cpu - cpu).saturatingSum(limits.grace)
    let interrupted = interruptedAt.map { monotonic - (elapsed - $0) } ?? max(soft, monotonic)
    let hard = max(min(byTime, byCPU), interrupted.saturatingSum(limits.grace))
    return TurnLimits(
      sliceEnd: sliceEnd, softAt: soft, evictAt: hard.saturatingSum(Self.evictionDelay))
  }

  /// How long after the drop the thread may stay in Lua before the isolate is evicted.
  fileprivate static let evictionDelay: Int64 = 50_000_000

  /// Whether the interrupt is due.
  func isDue(elapsed: Int64) -> Bool { elapsed >= softAt || cpu >= limits.cpu }

  /// Call this at the end of a turn.
  mutating func markInterruptIfDue(elapsed: Int64) {
    guard interruptedAt == nil, isDue(elapsed: elapsed) else { return }
    interruptedAt = elapsed
  }

  /// Whether its `<close>` variables have had their grace. It counts from the interrupt, which may come late for a run
  /// that had to wait for its turn.
  func isPastGrace(elapsed: Int64) -> Bool {
    guard let interruptedAt else { return false }
    return elapsed - interruptedAt >= limits.grace && (elapsed >= hardAt || cpu >= limits.cpu)
  }

  /// Elapsed time at which the run's limits end a wait that begins now: with the interrupt, or after it with the drop.
  func waitLimit(wasInterrupted: Bool, now: @autoclosure () -> Int64) -> Int64 {
    wasInterrupted ? max(hardAt, (interruptedAt ?? now()).saturatingSum(limits.grace)) : softAt
  }

  /// The message of the failure.
  func reason(_ verb: String, name: String, script: String) -> String {
    switch end {
    case .cancelled(let reason): return "\(script): job \"\(name)\" \(verb): \(reason)"
    case .stuck(let inLua, let limit):
      let time = DurationText.format(limit.clampedNanoseconds)
      let what =
        inLua
        ? "Lua ran inside a C function (such as the comparator of table.sort), and could not be preempted for \(time) of processor time"
        : "it was in one C function for \(time) of processor time, and could not be preempted"
      return "\(script): job \"\(name)\" \(verb): \(what)"
    case .limits:
      let limit =
        limits.cpu != .max && cpu >= limits.cpu
        ? "its processor time of \(DurationText.format(limits.cpu))"
        : "its timeout of \(DurationText.format(limits.soft))"
      return "\(script): job \"\(name)\" \(verb): it ran longer than \(limit)"
    }
  }

  /// Whether a cancellation of `job` (nil: all jobs) with an exception ends this run.
  func isHit(by job: JobID?, _ except: Run.ID?) -> Bool {
    (job == nil || job == self.job) && id != except && origin != nil
  }
}

extension RunLimits {
  /// When the first turn is interrupted and evicted, in nanoseconds from its start. For runs without a limit of
  /// processor time.
  var firstTurn: (soft: Int64, evict: Int64) {
    (soft, max(hard, soft.saturatingSum(grace)).saturatingSum(ActiveRun.evictionDelay))
  }
}

extension Dispatch.Extras {
  fileprivate var isNeededAtEnd: Bool {
    switch payload {
    case .event, .events: true
    case .none, .arguments: hook != nil
    }
  }
}
