import Synchronization
import Triggers

/// How often a script may ask for what is about all its jobs (`scheduler.pause`, `scheduler.resume`, `idle`): the core looks
/// at each job then, so that a call costs time in proportion to them, which is refilled as time goes by.
///
/// Shared by the state of the script and those of its runs that have their own.
final class ScriptCallBudget: Sendable {
  /// What a job costs, in nanoseconds: some ten times what the core takes for it.
  private static let perJob: Int64 = 10_000
  /// What a call costs that others are told of: ten a second.
  private static let perTold: Int64 = 100_000_000
  /// What can be asked for in advance: a hundred calls that others are told of.
  private static let burst: Int64 = 10_000_000_000

  private let spentUntil = Mutex<Int64>(.min)

  /// When a call may be made, in elapsed time; nil is now.
  func next(jobs: Int, isTold: Bool, now: Int64) -> Int64? {
    let cost = Int64(jobs) * Self.perJob + (isTold ? Self.perTold : 0)
    let start = spentUntil.withLock { spentUntil in
      spentUntil = max(spentUntil, now).saturatingSum(cost)
      return spentUntil - cost - Self.burst
    }
    return start > now ? start : nil
  }
}
