/// One pending timer, one free place of the slab, or the sentinel of one slot's list.
struct Entry {
  /// Of a sentinel: no later than the earliest deadline in its list; `UInt64.max` if that is empty.
  var deadline: UInt64
  var payload: UInt64
  /// Of a free place: the next free place, or 0.
  var next: UInt32
  var previous: UInt32
  /// Never 0 but in a place that has used up its generations and is retired.
  var generation: UInt32
}

/// The memory of all entries of a wheel: the sentinels first, then the timers.
///
/// Safe, since it alone owns its memory, every place below `used` is initialized before an index to
/// it exists, indices come from the links in here or are compared with `used` first, and no pointer
/// leaves it. Sendable for the same reason: its owner is the only one who can reach the memory.
@safe
struct EntrySlab: ~Copyable, @unchecked Sendable {
  private var entries: UnsafeMutablePointer<Entry>
  private(set) var capacity: Int
  /// Places that have ever been in use; what lies behind is not initialized.
  private(set) var used: Int
  private var firstFree: UInt32 = 0

  /// Makes each sentinel an empty list. O(`sentinels` + 1).
  init(sentinels: Int, capacity: Int) {
    self.capacity = sentinels + capacity
    used = sentinels
    unsafe entries = .allocate(capacity: self.capacity)
    for index in 0..<UInt32(sentinels) {
      let empty = Entry(deadline: .max, payload: 0, next: index, previous: index, generation: 1)
      unsafe (entries + Int(index)).initialize(to: empty)
    }
  }

  deinit {
    unsafe entries.deallocate()
  }

  subscript(index: UInt32) -> Entry {
    _read {
      assert(Int(index) < used)
      yield unsafe entries[Int(index)]
    }
    _modify {
      assert(Int(index) < used)
      yield unsafe &entries[Int(index)]
    }
  }

  /// Takes a place for a new entry and keeps its generation. Its links are left for the caller.
  @inline(__always)
  mutating func allocate() -> UInt32 {
    let index = firstFree
    guard index == 0 else {
      firstFree = self[index].next
      return index
    }
    return allocateFresh()
  }

  @inline(never)
  private mutating func allocateFresh() -> UInt32 {
    if used == capacity { grow() }
    let fresh = UInt32(used)
    let blank = Entry(deadline: 0, payload: 0, next: 0, previous: 0, generation: 1)
    unsafe (entries + used).initialize(to: blank)
    used += 1
    return fresh
  }

  /// Makes all ids of this place stale and keeps it for the next entry, or retires it after its last
  /// generation: 32 bytes for each four thousand million timers is the price of exact ids.
  @inline(__always)
  mutating func free(_ index: UInt32) {
    self[index].generation &+= 1
    guard self[index].generation != 0 else { return }
    self[index].next = firstFree
    firstFree = index
  }

  mutating func reserveCapacity(_ wanted: Int) {
    guard wanted > capacity else { return }
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: wanted)
    unsafe larger.moveInitialize(from: entries, count: used)
    unsafe entries.deallocate()
    unsafe entries = larger
    capacity = wanted
  }

  private mutating func grow() {
    precondition(capacity < Int(UInt32.max), "a wheel holds at most \(UInt32.max) entries")
    reserveCapacity(min(Int(UInt32.max), capacity + Swift.max(64, capacity)))
  }
}

extension EntrySlab {
  /// The free places from first to last, for checks.
  var freePlaces: [UInt32] {
    var places: [UInt32] = []
    var index = firstFree
    while index != 0, places.count <= used {
      places.append(index)
      index = self[index].next
    }
    return places
  }
}
