/// The neighbours of a pending timer in its slot's list, or of the sentinel with which the list begins.
struct Links {
  /// In a free place: the next free place, or 0.
  var next: UInt32
  var previous: UInt32
}

/// The other fields of a pending timer, a free place of the slab, or a sentinel.
struct Entry {
  /// In a sentinel: a time no later than the earliest deadline in its list; `UInt64.max` if the list is empty.
  var deadline: UInt64
  var payload: UInt64
  /// 0 only in a place that has used up its generations and is retired.
  var generation: UInt32
}

/// The memory of all entries of a wheel: the sentinels first, then the timers.
///
/// **Links apart from entries.** With many timers each neighbour in a list is a cache miss, and of a neighbour only the
/// links are needed. So the links have an array of their own, 8 bytes a timer: those of a hundred thousand timers stay
/// in a second-level cache, those of a million in a third-level cache. The other 24 bytes are read only of the timer in
/// question.
///
/// Safe because the slab alone owns its memory, every place below `used` is initialized before an index to it exists,
/// each index comes from the links in here or is compared with `used` first, and no pointer leaves the slab. Sendable
/// because only the slab's owner can reach the memory.
@safe
struct EntrySlab: ~Copyable, @unchecked Sendable {
  private var entries: UnsafeMutablePointer<Entry>
  private var links: UnsafeMutablePointer<Links>
  private(set) var capacity: Int
  /// How many places have ever been in use; those behind are not initialized.
  private(set) var used: Int
  private(set) var firstFree: UInt32 = 0

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

  /// Uses addressors, because the coroutines of `_read` and `_modify` are not always inlined.
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

  /// Takes a place for a new entry and keeps its generation. The caller sets its links.
  @inline(__always)
  mutating func allocate() -> UInt32 {
    let index = firstFree
    guard index == 0 else {
      firstFree = self[linksOf: index].next
      return index
    }
    return allocateNew()
  }

  @inline(never)
  private mutating func allocateNew() -> UInt32 {
    if used == capacity { grow() }
    let index = UInt32(used)
    unsafe (entries + used).initialize(to: Entry(deadline: 0, payload: 0, generation: 1))
    unsafe (links + used).initialize(to: Links(next: 0, previous: 0))
    used += 1
    return index
  }

  /// Makes all ids of this place stale and keeps it for the next entry. After its last generation the place is retired:
  /// exact ids cost 32 bytes for each four thousand million timers.
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
