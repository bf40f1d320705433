import LuaRuntime
import MoonwheelModel

/// What most runs lack, allocated at first use. It belongs to the worker that executes the run.
final class LiveRunDetails {
  /// What a run is that no job has started.
  enum Guest {
    /// The load of the script.
    case load
    /// A trigger function answers a request.
    case request(OpenRequest)
    /// A call that belongs to no job; the function receives the outcome.
    case call(@Sendable (IsolateOutcome) -> Void)
  }

  /// Why the run is ended from outside.
  enum End {
    case limits
    case cancelled(String)
    /// It could not be preempted for this processor time. `inLua`: Lua code ran inside a C function meanwhile.
    case stuck(inLua: Bool, Duration)
    /// It took too much real time in a simulation.
    case realTime
  }

  enum Retry {
    case requested(after: Int64?)
    /// The error or the job's `retry.unless` rules a retry out.
    case refused
  }

  /// Nil for the run of a job.
  var guest: Guest?
  /// Processor time used, in nanoseconds; counted only if the run has a limit of it.
  var cpu: Int64 = 0
  var end = End.limits
  /// Elapsed time at which the host ended the run before its limits.
  var endedAt: Int64?
  /// Elapsed time from which the grace counts: the interrupt was due, and the run had a turn.
  var interruptedAt: Int64?
  var log = RunLog()
  /// For the log: so many bytes.
  var heldLog = 0
  var logHold = MemoryHold.none
  var progress: RunProgress?
  var retry: Retry?
  /// For ``denials``; nil until something may be denied.
  private var denied: DenialList?
  /// What it listens to, by the number of the box.
  var boxes: [Int64: OpenBox] = [:]
  /// For ``resources``; nil until the run holds one.
  private var holder: ResourceHolder?
  /// `run.state` at the start of the run.
  var state: Value?

  deinit { releaseResources() }

  /// What the run holds of the world outside.
  var resources: ResourceHolder {
    if let holder { return holder }
    let made = ResourceHolder()
    holder = made
    return made
  }

  /// Releases what the run holds. Call it when the run has ended. Returns what takes time to end; `onGone` is called when
  /// all that is gone.
  @discardableResult
  func releaseResources(onGone: @escaping @Sendable () -> Void = {}) -> [RunResource] {
    holder?.releaseAll(onGone: onGone) ?? []
  }

  /// What the run was denied.
  var denials: DenialList {
    if let denied { return denied }
    let made = DenialList()
    denied = made
    return made
  }

  /// Adds what it was denied to its log. Call it when the run has ended.
  func logDenials() { for line in denied?.all ?? [] { log.append(line) } }
}

/// The progress that a run reports with `run:progress`.
struct RunProgress: Sendable {
  /// From 0 to 1.
  var fraction: Double
  var text: String

  /// `40 %: step`
  var description: String {
    "\(Int((fraction * 100).rounded())) %" + (text.isEmpty ? "" : ": \(text)")
  }
}
