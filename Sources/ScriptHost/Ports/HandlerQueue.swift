import MoonwheelModel
import Synchronization

/// Counts the events that wait for one handler: accepted, and not yet dequeued by the core.
final class HandlerQueue: Sendable {
  let job: JobID
  let limit: Atomic<Int>
  private let pending = Atomic<Int>(0)

  init(_ job: JobID, limit: Int) {
    self.job = job
    self.limit = Atomic(limit)
  }

  /// Counts one more event; false if there is no room.
  func reserve() -> Bool {
    let (_, count) = pending.wrappingAdd(1, ordering: .relaxed)
    guard count > limit.load(ordering: .relaxed) else { return true }
    pending.wrappingSubtract(1, ordering: .relaxed)
    return false
  }

  func release(_ count: Int) {
    let (_, left) = pending.wrappingSubtract(count, ordering: .relaxed)
    if left < 0 { pending.wrappingSubtract(left, ordering: .relaxed) }
  }
}
