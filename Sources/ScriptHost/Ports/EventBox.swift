import DequeModule
import MoonwheelModel
import Synchronization

/// The events that came since a call of `listen`, until its run takes them. Senders add them, on their own threads.
final class EventBox: Sendable {
  private struct State: Sendable {
    /// Oldest first.
    var events: Deque<Event> = []
    var dropped = 0
    /// Called once when there is an event to take.
    var wake: (@Sendable () -> Void)?
    var isClosed = false
  }

  /// Unlike that of any other box of the host.
  let number: Int64
  let pattern: EventPattern
  let script: ScriptID
  /// The most events that it keeps.
  let limit: Int
  /// Shared by the boxes of a script.
  private let quota: BoxQuota
  private let state = Mutex(State())

  init(
    _ number: Int64, _ pattern: EventPattern, of script: ScriptID, limit: Int, _ quota: BoxQuota
  ) {
    self.number = number
    self.pattern = pattern
    self.script = script
    self.limit = limit
    self.quota = quota
  }

  /// How many events it had no room for.
  var dropped: Int { state.withLock { $0.dropped } }

  func add(_ event: Event) {
    let wake = state.withLock { state -> (@Sendable () -> Void)? in
      guard !state.isClosed else { return nil }
      guard state.events.count < limit, quota.reserve() else {
        state.dropped += 1
        return nil
      }
      state.events.append(event)
      defer { state.wake = nil }
      return state.wake
    }
    wake?()
  }

  /// The oldest event.
  func take() -> Event? {
    let event = state.withLock { $0.events.popFirst() }
    if event != nil { quota.release(1) }
    return event
  }

  /// Calls `wake` once when there is an event to take, maybe at once. A later call replaces it.
  func awaitEvent(_ wake: @escaping @Sendable () -> Void) {
    let hasEvent = state.withLock { state in
      state.wake = state.events.isEmpty ? wake : nil
      return !state.events.isEmpty
    }
    if hasEvent { wake() }
  }

  /// Forgets its events, and takes no more.
  func close() {
    state.withLock { state in
      quota.release(state.events.count)
      state.isClosed = true
      state.events = []
      state.wake = nil
    }
  }
}

/// Bounds the events that wait in all boxes of one script.
final class BoxQuota: Sendable {
  static let limit = 100_000

  private let count = Atomic<Int>(0)

  fileprivate func reserve() -> Bool {
    guard count.wrappingAdd(1, ordering: .relaxed).newValue > Self.limit else { return true }
    release(1)
    return false
  }

  fileprivate func release(_ released: Int) {
    count.wrappingSubtract(released, ordering: .relaxed)
  }
}

/// The boxes of all scripts. Insertion and removal are O(1).
struct EventBoxTable {
  private var boxes: [Int64: EventBox] = [:]
  private var index = PatternIndex<Int64>()
  private var scripts: [ScriptID: (quota: BoxQuota, boxes: Int)] = [:]
  private var last: Int64 = 0

  var isEmpty: Bool { boxes.isEmpty }
  var count: Int { boxes.count }

  mutating func open(_ pattern: EventPattern, of script: ScriptID, limit: Int) -> EventBox {
    last += 1
    var (quota, count) = scripts[script] ?? (BoxQuota(), 0)
    count += 1
    scripts[script] = (quota, count)
    let box = EventBox(last, pattern, of: script, limit: limit, quota)
    boxes[last] = box
    index.insert(last, pattern)
    return box
  }

  /// False if it has been removed before.
  mutating func remove(_ box: EventBox) -> Bool {
    guard boxes.removeValue(forKey: box.number) != nil else { return false }
    index.remove(box.number, box.pattern)
    let left = (scripts[box.script]?.boxes ?? 1) - 1
    if left == 0 { scripts[box.script] = nil } else { scripts[box.script]?.boxes = left }
    return true
  }

  /// In the order in which they were opened, boxes for literal names first.
  func boxes(for name: String) -> [EventBox] {
    boxes.isEmpty ? [] : index.keys(matching: name).compactMap { boxes[$0] }
  }

  /// Removes all.
  mutating func drain() -> [EventBox] {
    defer { self = EventBoxTable() }
    return Array(boxes.values)
  }
}
