import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Triggers

/// A run on a worker, from its first turn to its end: it executes, has used up its slice, or waits. It belongs to that
/// worker. A run that ends silently in a batch is none.
final class LiveRun {
  /// The dispatch, without arguments and state to free them early. An event stays, since a retry needs it.
  let dispatch: Dispatch
  let limits: RunLimits
  /// Elapsed time.
  let startedAt: Int64
  /// Time on a worker, in nanoseconds.
  var used: Int64 = 0
  /// The most bytes that its isolate held while it ran.
  var peakMemory = 0
  /// Its last wait; the coroutine 0 before the first one.
  var park = ParkID(generation: GenerationID(rawValue: 0), coroutine: 0, serial: 0)
  /// Elapsed time at which that wait times out; the maximum for never.
  var until = Int64.max
  /// True if something other than its deadline may end the wait: the host has to be told of the end.
  var waitsForHost = false
  /// Nil for most runs.
  private(set) var details: LiveRunDetails?

  init(_ dispatch: Dispatch, limits: RunLimits, now: Int64) {
    var kept = dispatch
    if kept.extras?.content.isNeededAtEnd == false { kept.extras = nil }
    self.dispatch = kept
    self.limits = limits
    startedAt = now
    if let state = dispatch.extras?.content.state { makeDetails().state = state }
  }

  /// A run that belongs to no job, or answers a request about one.
  convenience init(_ guest: LiveRunDetails.Guest, limits: RunLimits, now: Int64) {
    var dispatch = Dispatch.none
    if case .request(let open) = guest {
      dispatch.job = open.request.job
      dispatch.handle = open.request.handle
    }
    self.init(dispatch, limits: limits, now: now)
    makeDetails().guest = guest
  }

  func makeDetails() -> LiveRunDetails {
    if let details { return details }
    let made = LiveRunDetails()
    details = made
    return made
  }

  var id: Run.ID { dispatch.run }
  var job: JobID { dispatch.job }
  var handle: JobHandle { dispatch.handle }
  /// The length of the chain of events that led to this run.
  var depth: UInt8 { dispatch.eventDepth }
  /// Which hook of the job this run calls; nil for its callback.
  var hook: Hooks? { dispatch.extras?.content.hook?.which }
  var guest: LiveRunDetails.Guest? { details?.guest }
  var isLoad: Bool { if case .load? = guest { true } else { false } }
  /// The request that a trigger function answers; nil for other runs.
  var request: OpenRequest? { if case .request(let open)? = guest { open } else { nil } }

  // MARK: Limits

  /// Elapsed times of the interrupt and of the drop.
  var softAt: Int64 { details?.endedAt ?? startedAt.saturatingSum(limits.soft) }
  var hardAt: Int64 { details?.endedAt ?? startedAt.saturatingSum(limits.hard) }
  /// Processor time, in nanoseconds; counted only if the run has a limit of it.
  var cpu: Int64 { details?.cpu ?? 0 }

  /// Adds processor time that counts for the run's limit.
  func addCPU(_ nanoseconds: Int64) { makeDetails().cpu += nanoseconds }

  /// Ends the run now, with the same interrupt and grace as at its limits.
  func cancel(_ reason: String, now: Int64) { interrupt(.cancelled(reason), now: now) }

  func interrupt(_ end: LiveRunDetails.End, now: Int64) {
    guard softAt > now else { return }
    makeDetails().end = end
    makeDetails().endedAt = now
  }

  /// The limits of a turn in a batch that begins at an elapsed time.
  func turnLimits(elapsed: Int64) -> TurnLimits {
    let left = limits.cpu == .max ? .max : limits.cpu - cpu
    let soft = min(softAt == .max ? .max : softAt - elapsed, left)
    let byTime = hardAt == .max ? .max : hardAt - elapsed
    let byCPU = left.saturatingSum(limits.grace)
    let interrupted = details?.interruptedAt.map { $0 - elapsed } ?? max(soft, 0)
    let hard = max(min(byTime, byCPU), interrupted.saturatingSum(limits.grace))
    return TurnLimits(soft: soft, evict: hard.saturatingSum(Self.evictionDelay))
  }

  /// How long after the drop the thread may stay in Lua before the isolate is evicted.
  fileprivate static let evictionDelay: Int64 = 50_000_000

  /// Processor time that is left, in nanoseconds; the maximum if there is no limit of it.
  var cpuLeft: Int64 { limits.cpu == .max ? .max : max(0, limits.cpu - cpu) }

  /// Whether the interrupt is due.
  func isDue(elapsed: Int64) -> Bool { elapsed >= softAt || cpu >= limits.cpu }

  /// Call this at the end of a turn.
  func markInterruptIfDue(elapsed: Int64) {
    guard isDue(elapsed: elapsed), details?.interruptedAt == nil else { return }
    makeDetails().interruptedAt = elapsed
  }

  /// Whether its `<close>` variables have had their grace. It counts from the interrupt, which may come late for a run
  /// that had to wait for its turn.
  func isPastGrace(elapsed: Int64) -> Bool {
    guard let interruptedAt = details?.interruptedAt else { return false }
    return elapsed - interruptedAt >= limits.grace && (elapsed >= hardAt || cpu >= limits.cpu)
  }

  /// Elapsed time at which the run's limits end a wait that begins now: with the interrupt, or after it with the drop.
  func waitLimit(wasInterrupted: Bool, now: @autoclosure () -> Int64) -> Int64 {
    guard wasInterrupted else { return softAt }
    return max(hardAt, (details?.interruptedAt ?? now()).saturatingSum(limits.grace))
  }

  /// The message of the failure.
  func reason(_ verb: String, name: String, script: String) -> String {
    let job = "\(script): job \"\(name)\" \(verb): "
    switch details?.end ?? .limits {
    case .cancelled(let reason): return job + reason
    case .stuck(let inLua, let limit):
      let time = DurationText.format(limit.clampedNanoseconds)
      return job
        + (inLua
          ? "Lua ran inside a C function (such as the comparator of table.sort), and could not be preempted for \(time) of processor time"
          : "it was in one C function for \(time) of processor time, and could not be preempted")
    case .realTime:
      return job
        + "it took a minute of real time, or the simulation's budget ended; its work is in C functions, which a simulation does not count in full"
    case .limits:
      let limit =
        limits.cpu != .max && cpu >= limits.cpu
        ? "its processor time of \(DurationText.format(limits.cpu))"
        : "its timeout of \(DurationText.format(limits.soft))"
      return job + "it ran longer than \(limit)"
    }
  }

  /// Whether a cancellation ends this run.
  func isHit(by cancellation: CancelRuns) -> Bool {
    cancellation.hits(id, of: job) && guest == nil
  }
}

extension RunLimits {
  /// The limits of the first turn. For runs without a limit of processor time.
  var firstTurn: TurnLimits {
    let hard = max(hard, soft.saturatingSum(grace))
    return TurnLimits(soft: soft, evict: hard.saturatingSum(LiveRun.evictionDelay))
  }
}

extension Dispatch {
  /// Of runs that belong to no job.
  fileprivate static let none = Dispatch(
    generation: GenerationID(rawValue: 0), job: .none, run: Run.ID(rawValue: 0),
    handle: JobHandle(index: .max, reuse: 0), attempt: 1, number: 0,
    scheduledAt: Timestamp(nanoseconds: 0), key: .none, isRecorded: false)
}

extension Dispatch.Extras {
  fileprivate var isNeededAtEnd: Bool {
    switch payload {
    case .event, .events: true
    case .none, .arguments: hook != nil
    }
  }
}

/// Runs that wait, by coroutine.
struct LiveRunTable {
  private var runs: ContiguousArray<LiveRun?> = []
  private(set) var count = 0

  subscript(coroutine: UInt32) -> LiveRun? {
    Int(coroutine) < runs.count ? runs[Int(coroutine)] : nil
  }

  mutating func insert(_ run: LiveRun) {
    let index = Int(run.park.coroutine)
    while runs.count <= index { runs.append(nil) }
    runs[index] = run
    count += 1
  }

  @discardableResult
  mutating func remove(_ coroutine: UInt32) -> LiveRun? {
    guard let run = self[coroutine] else { return nil }
    runs[Int(coroutine)] = nil
    count -= 1
    // Give back the storage of a burst.
    if count == 0, runs.count > 4_096 { self = LiveRunTable() }
    return run
  }

  /// All, in order of coroutine.
  var all: [LiveRun] { count == 0 ? [] : runs.compactMap { $0 } }
}
