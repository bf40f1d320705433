/// The neighbours in a slot's list of one pending timer, or of the sentinel that the list begins with.
struct Links {
  /// Of a free place: the next free place, or 0.
  var next: UInt32
  var previous: UInt32
}

/// The rest of one pending timer, one free place of the slab, or one sentinel.
struct Entry {
  /// Of a sentinel: no later than the earliest deadline in its list; `UInt64.max` if that is empty.
  var deadline: UInt64
  var payload: UInt64
  /// Never 0 but in a place that has used up its generations and is retired.
  var generation: UInt32
}

/// The memory of all entries of a wheel: the sentinels first, then the timers.
///
/// **Links apart from entries.** With many timers each neighbour in a list is a cache miss, and all
/// that is wanted of a neighbour is its links. So these lie close together, 8 bytes a timer: those of
/// a hundred thousand stay in a second-level cache, those of a million in a third. The other 24 are
/// read only of the timer that is meant, whose place is known from the start.
///
/// Safe, since it alone owns its memory, every place below `used` is initialized before an index to
/// it exists, indices come from the links in here or are compared with `used` first, and no pointer
/// leaves it. Sendable for the same reason: its owner is the only one who can reach the memory.
@safe
struct EntrySlab: ~Copyable, @unchecked Sendable {
  private var entries: UnsafeMutablePointer<Entry>
  private var links: UnsafeMutablePointer<Links>
  private(set) var capacity: Int
  /// Places that have ever been in use; what lies behind is not initialized.
  private(set) var used: Int
  private var firstFree: UInt32 = 0

  /// Makes each sentinel an empty list. O(`sentinels` + 1).
  init(sentinels: Int, capacity: Int) {
    self.capacity = sentinels + capacity
    used = sentinels
    unsafe entries = .allocate(capacity: self.capacity)
    unsafe links = .allocate(capacity: self.capacity)
    let empty = Entry(deadline: .max, payload: 0, generation: 1)
    unsafe entries.initialize(repeating: empty, count: sentinels)
    for index in 0..<UInt32(sentinels) {
      unsafe (links + Int(index)).initialize(to: Links(next: index, previous: index))
    }
  }

  deinit {
    unsafe entries.deallocate()
    unsafe links.deallocate()
  }

  /// By address: the coroutines of `_read` and `_modify` are not always inlined.
  subscript(index: UInt32) -> Entry {
    @inline(__always) unsafeAddress {
      assert(Int(index) < used)
      return unsafe UnsafePointer(entries + Int(index))
    }
    @inline(__always) unsafeMutableAddress {
      assert(Int(index) < used)
      return unsafe entries + Int(index)
    }
  }

  subscript(linksOf index: UInt32) -> Links {
    @inline(__always) unsafeAddress {
      assert(Int(index) < used)
      return unsafe UnsafePointer(links + Int(index))
    }
    @inline(__always) unsafeMutableAddress {
      assert(Int(index) < used)
      return unsafe links + Int(index)
    }
  }

  /// Takes a place for a new entry and keeps its generation. Its links are left for the caller.
  @inline(__always)
  mutating func allocate() -> UInt32 {
    let index = firstFree
    guard index == 0 else {
      firstFree = self[linksOf: index].next
      return index
    }
    return allocateFresh()
  }

  @inline(never)
  private mutating func allocateFresh() -> UInt32 {
    if used == capacity { grow() }
    let fresh = UInt32(used)
    unsafe (entries + used).initialize(to: Entry(deadline: 0, payload: 0, generation: 1))
    unsafe (links + used).initialize(to: Links(next: 0, previous: 0))
    used += 1
    return fresh
  }

  /// Makes all ids of this place stale and keeps it for the next entry, or retires it after its last
  /// generation: 32 bytes for each four thousand million timers is the price of exact ids.
  @inline(__always)
  mutating func free(_ index: UInt32) {
    self[index].generation &+= 1
    guard self[index].generation != 0 else { return }
    self[linksOf: index].next = firstFree
    firstFree = index
  }

  mutating func reserveCapacity(_ wanted: Int) {
    guard wanted > capacity else { return }
    unsafe entries = moved(entries, to: wanted)
    unsafe links = moved(links, to: wanted)
    capacity = wanted
  }

  @unsafe
  private func moved<Element>(
    _ old: UnsafeMutablePointer<Element>, to wanted: Int
  ) -> UnsafeMutablePointer<Element> {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: wanted)
    unsafe larger.moveInitialize(from: old, count: used)
    unsafe old.deallocate()
    return unsafe larger
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
      index = self[linksOf: index].next
    }
    return places
  }
}
