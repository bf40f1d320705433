import MoonwheelModel
import Synchronization

/// The bound of one handler's queue: what has been accepted for it and not been taken out.
final class HandlerQueue: Sendable {
  let job: JobID
  let limit: Atomic<Int>
  private let pending = Atomic<Int>(0)

  init(_ job: JobID, limit: Int) {
    self.job = job
    self.limit = Atomic(limit)
  }

  /// Counts one more; false where there is no room.
  func reserve() -> Bool {
    let (_, count) = pending.wrappingAdd(1, ordering: .relaxed)
    guard count > limit.load(ordering: .relaxed) else { return true }
    pending.wrappingSubtract(1, ordering: .relaxed)
    return false
  }

  /// Some have left it.
  func release(_ count: Int) {
    let (_, left) = pending.wrappingSubtract(count, ordering: .relaxed)
    if left < 0 { pending.wrappingSubtract(left, ordering: .relaxed) }
  }
}

/// Who handles the events of one name, as it was at a version of the bus: so that a script that emits the same name again
/// need not ask.
final class EventRoute: Sendable {
  let name: String
  let version: UInt64
  let queues: [HandlerQueue]
  /// Their jobs.
  let jobs: [JobID]

  init(_ name: String, version: UInt64, _ queues: [HandlerQueue]) {
    self.name = name
    self.version = version
    self.queues = queues
    jobs = queues.map(\.job)
  }
}
