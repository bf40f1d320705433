import MoonwheelModel
import Synchronization

/// The handlers of one event name at a version of the bus. A script caches routes, so that it does not search handlers
/// at each `emit`.
final class EventRoute: Sendable {
  let name: String
  let version: UInt64
  let queues: [HandlerQueue]
  /// The jobs of `queues`, in the same order.
  let jobs: [JobID]

  init(_ name: String, version: UInt64, _ queues: [HandlerQueue]) {
    self.name = name
    self.version = version
    self.queues = queues
    jobs = queues.map(\.job)
  }
}
