import MoonwheelModel
import SchedulerCore
import Synchronization

/// The lease of a host with threads: the thread that steps the core fills it while a worker empties it.
package final class LockedEventLease: EventLease {
  private struct State {
    var events: [LeasedEvent] = []
    var head = 0
    var isOpen = false
    /// How many more events it accepts until it is opened again.
    var room = 0
  }

  private let state = Mutex(State())

  package init() {}

  package func open(room: Int) {
    state.withLock { state in
      state.events.removeAll(keepingCapacity: true)
      state.head = 0
      state.room = room
      state.isOpen = true
    }
  }

  package func append(_ event: @autoclosure () -> LeasedEvent) -> Bool {
    state.withLock { state in
      guard state.isOpen, state.room > 0 else { return false }
      state.room -= 1
      state.events.append(event())
      return true
    }
  }

  package var count: Int { state.withLock { $0.events.count - $0.head } }

  package func next() -> LeasedEvent? {
    state.withLock { state in
      guard state.isOpen else { return nil }
      guard state.head < state.events.count else {
        state.isOpen = false
        return nil
      }
      defer { state.head += 1 }
      return state.events[state.head]
    }
  }

  package func close() -> ArraySlice<LeasedEvent> {
    state.withLock { state in
      guard state.isOpen else { return [] }
      state.isOpen = false
      defer {
        state.events = []
        state.head = 0
      }
      return state.events[state.head...]
    }
  }
}
