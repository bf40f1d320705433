import MoonwheelModel
import SchedulerCore
import Triggers
import WorkerPool

/// What the worker knows of a run.
struct ActiveRun {
  /// What ends the run: its limits, or somebody who cancelled it.
  enum End {
    case limits
    case cancelled(String)
    /// It could not be preempted for so much processor time; whether Lua ran inside of a function of C meanwhile.
    case stuck(inLua: Bool, Duration)
  }

  /// As it was dispatched, without what was passed to it but for an event: it may ask to be tried again.
  let origin: Dispatch?
  /// The events that follow the one that it handles.
  let lease: (any EventLease)?
  var id: Run.ID
  var job: JobID
  var handle: JobHandle
  /// How long the chain of events is that led here.
  var depth: UInt8
  var limits: RunLimits
  /// Elapsed time when it began.
  let startedAt: Int64
  /// Elapsed time of the interrupt, and of the drop.
  var softAt: Int64
  var hardAt: Int64
  /// Processor time used, in nanoseconds; counted where there is a limit on it.
  var cpu: Int64 = 0
  var end = End.limits
  /// Elapsed time since which the interrupt is due and the run has been given turns.
  var interruptedAt: Int64?
  /// Time on a worker, in nanoseconds.
  var workerTime: Int64 = 0
  /// Bytes that its isolate held at most while it ran.
  var peakMemory = 0
  /// Nil for most.
  private(set) var extras: RunExtras?
  /// Loading the script rather than running a job.
  var isLoad = false
  /// Saying when the job fires next, rather than running it.
  private(set) var request: OpenRequest?
  /// A call apart from any job: told how it ended.
  private(set) var onEnd: (@Sendable (IsolateOutcome) -> Void)?

  init(_ dispatch: Dispatch, limits: RunLimits, now: Int64) {
    var origin = dispatch
    if origin.extras?.content.isWantedAtEnd == false { origin.extras = nil }
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

  /// The load of a script: a run of no job.
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

  /// A function that says when its job fires next: a run of its own.
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

  /// A call of a function apart from any job, within so much processor time in nanoseconds.
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

  /// One of the job's hooks rather than its callback.
  var hook: Hooks? { origin?.extras?.content.hook?.which }

  mutating func makeExtras() -> RunExtras {
    if let extras { return extras }
    let made = RunExtras()
    extras = made
    return made
  }

  /// Makes the run end now, as its limits would, for another reason.
  mutating func cancel(_ reason: String, now: Int64) { interrupt(.cancelled(reason), now: now) }

  mutating func interrupt(_ end: End, now: Int64) {
    guard softAt > now else { return }
    self.end = end
    softAt = now
    hardAt = now
  }

  /// The limits of a turn that begins now, on the monotonic clock.
  func turn(elapsed: Int64, monotonic: Int64, sliceEnd: Int64) -> TurnLimits {
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

  /// How long a dropped run's thread may take to come back before it is torn out.
  fileprivate static let evictionDelay: Int64 = 50_000_000

  /// Whether its interrupt is due.
  func isDue(elapsed: Int64) -> Bool { elapsed >= softAt || cpu >= limits.cpu }

  /// Whether a turn that has just ended was to interrupt it.
  mutating func noteTurn(elapsed: Int64) {
    guard interruptedAt == nil, isDue(elapsed: elapsed) else { return }
    interruptedAt = elapsed
  }

  /// Whether it has had the time for its `<close>` variables: counted from the interrupt, which is late for a run that
  /// had to wait for its turn.
  func isSpent(elapsed: Int64) -> Bool {
    guard let interruptedAt else { return false }
    return elapsed - interruptedAt >= limits.grace && (elapsed >= hardAt || cpu >= limits.cpu)
  }

  /// Elapsed time at which a wait that begins now is cut short: by the interrupt, or after it for good.
  func waitLimit(wasInterrupted: Bool, now: @autoclosure () -> Int64) -> Int64 {
    wasInterrupted ? max(hardAt, (interruptedAt ?? now()).saturatingSum(limits.grace)) : softAt
  }

  /// What the outcome says.
  func reason(_ verb: String, name: String, script: String) -> String {
    switch end {
    case .cancelled(let reason): return "\(script): job \"\(name)\" \(verb): \(reason)"
    case .stuck(let inLua, let limit):
      let time = DurationText.format(limit.clampedNanoseconds)
      let what =
        inLua
        ? "Lua ran inside of a function of C (such as the comparator of table.sort), and could not be preempted for \(time) of processor time"
        : "it was in one function of C for \(time) of processor time, and could not be preempted"
      return "\(script): job \"\(name)\" \(verb): \(what)"
    case .limits:
      let limit =
        limits.cpu != .max && cpu >= limits.cpu
        ? "its processor time of \(DurationText.format(limits.cpu))"
        : "its timeout of \(DurationText.format(limits.soft))"
      return "\(script): job \"\(name)\" \(verb): it ran longer than \(limit)"
    }
  }

  /// Whether a cancellation is meant for it.
  func isHit(by job: JobID?, _ except: Run.ID?) -> Bool {
    (job == nil || job == self.job) && id != except && origin != nil
  }
}

extension RunLimits {
  /// When the first turn of a run without a limit of processor time is interrupted and torn out, in nanoseconds from its
  /// start.
  var firstTurn: (soft: Int64, evict: Int64) {
    (soft, max(hard, soft.saturatingSum(grace)).saturatingSum(ActiveRun.evictionDelay))
  }
}

extension Dispatch.Extras {
  fileprivate var isWantedAtEnd: Bool {
    switch payload {
    case .event, .events: true
    case .none, .arguments: hook != nil
    }
  }
}
