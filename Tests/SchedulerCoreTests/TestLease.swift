import MoonwheelModel

@testable import SchedulerCore

/// A lease without a lock. `@unchecked Sendable`, since each test uses its own lease in one thread.
final class TestLease: EventLease, @unchecked Sendable {
  private var events: ArraySlice<LeasedEvent> = []
  private var isOpen = false
  private var room = 0

  var count: Int { events.count }

  func open(room: Int) {
    events = []
    self.room = room
    isOpen = true
  }

  func append(_ event: @autoclosure () -> LeasedEvent) -> Bool {
    guard isOpen, room > 0 else { return false }
    room -= 1
    events.append(event())
    return true
  }

  func next() -> LeasedEvent? {
    guard isOpen, let next = events.popFirst() else {
      isOpen = false
      return nil
    }
    return next
  }

  func close() -> ArraySlice<LeasedEvent> {
    guard isOpen else { return [] }
    isOpen = false
    defer { events = [] }
    return events
  }
}
