import MoonwheelModel
import SchedulerCore
import Synchronization

/// The leased events of an isolate's handlers. The thread that steps the core adds events and closes leases, and the
/// worker takes events, both at once.
package final class LeaseTable: Sendable {
  fileprivate struct Queue {
    let lease: Run.ID
    /// Nil for those that have begun: the lease may stay for long, and must not keep their payloads.
    var events: [LeasedEvent?] = []
    /// The number of events that have begun.
    var begun = 0
  }

  /// The newest lease of each handler, by the index of its handle. One that has ended stays until the next, since the
  /// core may not know yet that it has.
  private let newest = Mutex<[Queue?]>([])

  package init() {}

  /// Adds events to their leases. The first one opens a lease. If the lease has ended, nobody takes them.
  package func append(_ events: ArraySlice<LeasedEvent>) {
    newest.withLock { newest in
      for event in events {
        let handler = Int(event.handler.handle.index)
        while newest.count <= handler { newest.append(nil) }
        if newest[handler]?.lease != event.lease { newest[handler] = Queue(lease: event.lease) }
        newest[handler]?.events.append(event)
      }
    }
  }

  /// Removes and returns the next event of a lease, which begins now; nil if there is none.
  package func next(of handler: JobHandle, in lease: Run.ID) -> LeasedEvent? {
    let handler = Int(handler.index)
    return newest.withLock { newest in
      guard handler < newest.count, newest[handler]?.lease == lease else { return nil }
      return newest[handler]?.next()
    }
  }

  /// Closes a lease, to which the caller adds no more. Returns how many events have begun.
  package func close(_ lease: Lease) -> Int {
    let handler = Int(lease.handler.handle.index)
    return newest.withLock { newest in
      guard handler < newest.count, let last = newest[handler], last.lease == lease.id else {
        return 0
      }
      newest[handler] = nil
      return last.begun
    }
  }
}

extension LeaseTable.Queue {
  fileprivate mutating func next() -> LeasedEvent? {
    guard begun < events.count else { return nil }
    begun += 1
    defer { events[begun - 1] = nil }
    return events[begun - 1]
  }
}
