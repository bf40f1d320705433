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
  /// The slice of a turn, in VM instructions.
  static let slice: Int64 = 10_000_000
  /// Processor time after which a run counts as endless.
  private static let endless: Int64 = 100_000_000 * instruction

  /// The monotonic time at which the simulation must end.
  let realEnd: Int64
  /// Gives an isolate a turn at an elapsed time.
  private let wake: @Sendable (any PoolMember, Int64) -> Void

  package init(
    realEnd: Int64 = .max, wake: @escaping @Sendable (any PoolMember, Int64) -> Void
  ) {
    self.realEnd = realEnd
    self.wake = wake
  }

  /// The limits of a turn of a run, in VM instructions.
  static func limits(of run: LiveRun, elapsed: Int64) -> TurnLimits {
    let left = run.limits.cpu == .max ? .max : run.cpuLeft / instruction
    return TurnLimits(
      soft: run.isDue(elapsed: elapsed) ? 0 : left,
      evict: max(slice, (endless - run.used) / instruction))
  }

  /// Those of the first turn of a run without a limit of processor time.
  static let firstLimits = TurnLimits(evict: endless / instruction)

  /// How long a run that has used up its slice continues to compute. Nil for loads, which take no virtual time.
  func computation(
    of run: LiveRun, wasInterrupted: Bool, in isolate: any PoolMember, now: Int64
  ) -> Computation? {
    guard !run.isLoad else { return nil }
    let limit =
      wasInterrupted
      ? run.waitLimit(wasInterrupted: true, now: now)
      : min(run.softAt, now.saturatingSum(run.cpuLeft))
    let isEndless = run.used >= Self.endless || wasInterrupted
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
