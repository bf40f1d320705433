import Synchronization
import Triggers

/// Bounds how often a script may call functions that concern all its jobs (`scheduler.pause`, `scheduler.resume`,
/// `idle`): the core visits each job, so the cost of a call grows with their number. A token bucket of time.
///
/// The script's isolate and its private isolates share one.
final class ScriptCallBudget: Sendable {
  /// The cost per job, in nanoseconds: about ten times the core's work.
  private static let perJob: Int64 = 10_000
  /// The cost of a call that publishes an event: ten a second.
  private static let perAnnouncement: Int64 = 100_000_000
  /// The size of the bucket: a hundred calls that publish an event.
  private static let burst: Int64 = 10_000_000_000

  private let chargedUntil = Mutex<Int64>(.min)

  /// Charges a call. Returns the elapsed time at which it may be made; nil for now.
  func next(jobs: Int, isAnnounced: Bool, now: Int64) -> Int64? {
    let cost = Int64(jobs) * Self.perJob + (isAnnounced ? Self.perAnnouncement : 0)
    let start = chargedUntil.withLock { chargedUntil in
      chargedUntil = max(chargedUntil, now).saturatingSum(cost)
      return chargedUntil - cost - Self.burst
    }
    return start > now ? start : nil
  }
}
