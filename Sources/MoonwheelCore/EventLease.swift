import Synchronization
import Triggers

/// Events that a handler takes one after the other without the core between them: the worker that ends a run takes the
/// next event itself, so that an event need not wait for its job's last run to be told of.
///
/// The core fills it and may take back what has not begun; one run of the series is under way while it is open. Any
/// thread.
public final class EventLease: Sendable {
  /// An event that waits in it, and the run that it will be.
  public struct Item: Sendable {
    public var run: Run.ID
    public var event: Event
    /// Wall time at which it came.
    public var at: Timestamp
  }

  private struct State {
    var items: [Item] = []
    var head = 0
    var isOpen = false
    /// How many more it takes before it is begun anew.
    var room = 0

    var count: Int { items.count - head }
  }

  private let state = Mutex(State())

  init() {}

  /// How many events one series has at most, so that the core sees to the records and the policy of the job now and then.
  static let length = 256

  /// Begins it anew, empty.
  func open() {
    state.withLock { state in
      state.items.removeAll(keepingCapacity: true)
      state.head = 0
      state.room = Self.length
      state.isOpen = true
    }
  }

  /// False, and nothing has happened, where it has ended or is full.
  func append(_ item: @autoclosure () -> Item) -> Bool {
    state.withLock { state in
      guard state.isOpen, state.room > 0 else { return false }
      state.room -= 1
      state.items.append(item())
      return true
    }
  }

  var count: Int { state.withLock { $0.count } }

  /// The next event, which begins; with nil the series has ended.
  public func next() -> Item? {
    state.withLock { state in
      guard state.isOpen else { return nil }
      guard state.head < state.items.count else {
        state.isOpen = false
        return nil
      }
      defer { state.head += 1 }
      return state.items[state.head]
    }
  }

  /// Ends it; answers what has not begun.
  func close() -> ArraySlice<Item> {
    state.withLock { state in
      guard state.isOpen else { return [] }
      state.isOpen = false
      defer {
        state.items = []
        state.head = 0
      }
      return state.items[state.head...]
    }
  }
}

extension Dispatch {
  /// The run of a series that follows this one.
  public init(_ item: EventLease.Item, following last: Dispatch, in lease: EventLease) {
    self = last
    run = item.run
    number += 1
    scheduledAt = item.at
    isRecorded = false
    extras = Boxed(Extras(payload: .event(item.event), lease: lease))
  }
}
