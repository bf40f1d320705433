import LuaRuntime
import SystemCalls
import Triggers
import WorkerPool

/// How the time that runs compute is measured, and how they are kept within their limits meanwhile.
enum RunMeter: Sendable {
  /// By the machine's clocks; workers are pressed when a turn lasts.
  case machine
  /// By counting VM instructions, where time is virtual: computing takes none until it has lasted.
  case counted(InstructionMeter)

  /// What a turn began with.
  struct Turn {
    fileprivate var began: Int64
    fileprivate var cpu: Int64 = 0
  }

  /// Sets the isolate's limits for a turn of a run that begins now.
  func begin(_ run: ActiveRun, in isolate: Isolate, elapsed: Int64, sliceEnd: Int64) -> Turn {
    switch self {
    case .machine:
      let began = Clocks.monotonic()
      isolate.setLimits(run.turn(elapsed: elapsed, monotonic: began, sliceEnd: sliceEnd))
      return Turn(began: began, cpu: run.limits.cpu != .max ? Clocks.threadCPU() : 0)
    case .counted:
      isolate.setLimits(InstructionMeter.workLimits(of: run, elapsed: elapsed))
      return Turn(began: isolate.workDone)
    }
  }

  /// Adds to the run what its turn has used.
  func end(_ turn: Turn, of run: inout ActiveRun, in isolate: Isolate) {
    switch self {
    case .machine:
      if run.limits.cpu != .max { run.cpu += Clocks.threadCPU() - turn.cpu }
      run.workerTime += Clocks.monotonic() - turn.began
    case .counted:
      let used = (isolate.workDone - turn.began) * InstructionMeter.instruction
      run.cpu += used
      run.workerTime += used
    }
  }

  /// Sets the isolate's limits for a short errand of the host's, of so many nanoseconds; answers what ends it.
  func begin(call: Int64, in isolate: Isolate) -> Turn {
    switch self {
    case .machine:
      let now = Clocks.monotonic()
      isolate.setLimits(
        TurnLimits(sliceEnd: now + call / 2, softAt: now + call, evictAt: now + 2 * call))
      return Turn(began: now)
    case .counted:
      let most = call / InstructionMeter.instruction
      isolate.setLimits(WorkLimits(slice: most / 2, soft: most, most: most))
      return Turn(began: isolate.workDone)
    }
  }
}

/// How virtual time passes for runs that compute.
///
/// A callback takes no time, up to 10 million VM instructions; each 10 million more take a tenth of a second. What has not
/// ended after 100 million is taken for endless: it goes on until its limits end it, without being looked at meanwhile.
final class InstructionMeter: Sendable {
  /// What an instruction takes, in nanoseconds.
  static let instruction: Int64 = 10
  private static let slice: Int64 = 10_000_000
  /// Processor time after which a run is taken for endless.
  private static let endless: Int64 = 100_000_000 * instruction

  /// Tells when an isolate is to have a turn, in elapsed time.
  private let wake: @Sendable (ScriptIsolate, Int64) -> Void

  init(wake: @escaping @Sendable (ScriptIsolate, Int64) -> Void) { self.wake = wake }

  fileprivate static func workLimits(of run: ActiveRun, elapsed: Int64) -> WorkLimits {
    let left = run.limits.cpu == .max ? .max : max(0, run.limits.cpu - run.cpu) / instruction
    let soft = run.isDue(elapsed: elapsed) ? 0 : left
    let most = max(slice, (endless - run.workerTime) / instruction)
    return WorkLimits(slice: slice, soft: soft, most: most)
  }

  /// A run has used up its slice: answers until when it computes, and whether that is all processor time.
  func computes(
    _ run: ActiveRun, wasInterrupted: Bool, in isolate: ScriptIsolate, now: Int64
  ) -> Computation? {
    guard !run.isLoad else { return nil }
    let limit: Int64
    if wasInterrupted {
      limit = max(run.hardAt, (run.interruptedAt ?? now).saturatingSum(run.limits.grace))
    } else {
      let byCPU =
        run.limits.cpu == .max ? .max : now.saturatingSum(max(0, run.limits.cpu - run.cpu))
      limit = min(run.softAt, byCPU)
    }
    let isEndless = run.workerTime >= Self.endless || wasInterrupted
    let end = isEndless ? limit : min(limit, now.saturatingSum(Self.slice * Self.instruction))
    if end != .max { wake(isolate, end) }
    return Computation(end: end, since: now, isUncounted: isEndless)
  }
}

/// A run of a simulated isolate that goes on computing, in virtual time.
struct Computation {
  /// Elapsed times.
  var end: Int64
  var since: Int64
  /// Its processor time since then is not counted yet.
  var isUncounted: Bool
}
