import LuaRuntime
import Triggers
import WorkerPool

/// Lets virtual time pass for runs that compute.
///
/// A callback takes no time up to 10 million VM instructions; each 10 million more take a tenth of a second. A run that
/// has not ended after 100 million counts as endless: virtual time jumps to the limit that ends it.
package final class InstructionMeter: Sendable {
  /// The time of an instruction, in nanoseconds.
  static let instruction: Int64 = 10
  private static let slice: Int64 = 10_000_000
  /// Processor time after which a run counts as endless.
  private static let endless: Int64 = 100_000_000 * instruction

  /// Gives an isolate a turn at an elapsed time.
  private let wake: @Sendable (any PoolMember, Int64) -> Void

  package init(wake: @escaping @Sendable (any PoolMember, Int64) -> Void) { self.wake = wake }

  static func workLimits(of run: ActiveRun, elapsed: Int64) -> WorkLimits {
    let left = run.limits.cpu == .max ? .max : max(0, run.limits.cpu - run.cpu) / instruction
    let soft = run.isDue(elapsed: elapsed) ? 0 : left
    let most = max(slice, (endless - run.workerTime) / instruction)
    return WorkLimits(slice: slice, soft: soft, most: most)
  }

  /// How long a run that has used up its slice continues to compute. Nil for loads, which take no virtual time.
  func computation(
    of run: ActiveRun, wasInterrupted: Bool, in isolate: any PoolMember, now: Int64
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

/// A span of virtual time in which a simulated run computes.
struct Computation {
  /// Elapsed times.
  var end: Int64
  var since: Int64
  /// Whether `cpu` of the run does not include this span yet.
  var isUncounted: Bool
}
