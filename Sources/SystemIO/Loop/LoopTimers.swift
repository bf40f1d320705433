import HeapModule

/// The timers of a loop: the earliest first, those of one deadline in the order in which they were set.
struct LoopTimers {
  struct Entry: Comparable {
    let deadline: Int64
    let id: UInt64

    static func < (one: Entry, other: Entry) -> Bool {
      (one.deadline, one.id) < (other.deadline, other.id)
    }
  }

  private var entries = Heap<Entry>()
  private var actions: [UInt64: (IOLoop) -> Void] = [:]

  /// In nanoseconds of `Clocks.elapsed()`.
  var earliest: Int64? { entries.min?.deadline }

  mutating func set(_ id: UInt64, at deadline: Int64, _ action: @escaping (IOLoop) -> Void) {
    actions[id] = action
    entries.insert(Entry(deadline: deadline, id: id))
  }

  /// Amortised O(log n). A deadline far ahead stays in the heap until half of the heap is of cancelled timers.
  mutating func cancel(_ id: UInt64) {
    guard actions.removeValue(forKey: id) != nil else { return }
    while let first = entries.min, actions[first.id] == nil { entries.removeMin() }
    guard entries.count > 2 * actions.count + 16 else { return }
    entries = Heap(entries.unordered.filter { actions[$0.id] != nil })
  }

  /// Takes the first timer that is due, if its number is below `end`.
  mutating func takeDue(at now: Int64, before end: UInt64) -> ((IOLoop) -> Void)? {
    while let first = entries.min, first.deadline <= now {
      let action = actions[first.id]
      if action != nil, first.id >= end { return nil }
      entries.removeMin()
      actions[first.id] = nil
      if let action { return action }
    }
    return nil
  }

  /// How much it keeps, cancelled timers included; for tests.
  var size: Int { entries.count }
}
