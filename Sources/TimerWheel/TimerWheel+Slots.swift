/// The lists of the slots. Each is a circle through its sentinel, so appending and unlinking have no special cases at
/// the ends.
extension TimerWheel {
  /// One bit for each slot of a level; set if the slot holds a timer. Stored in the payload of the level's first
  /// sentinel, which needs none.
  subscript(occupiedSlotsOf level: Int) -> UInt64 {
    get { slab[Slot(level: level, digit: 0).sentinel].payload }
    set { slab[Slot(level: level, digit: 0).sentinel].payload = newValue }
  }

  /// The occupied slot that is due first, or nil if the wheel is empty.
  var firstSlot: Slot? {
    guard occupiedLevels != 0 else { return nil }
    let level = occupiedLevels.trailingZeroBitCount
    return Slot(level: level, digit: self[occupiedSlotsOf: level].trailingZeroBitCount)
  }

  /// Appends an entry that is in no list to the list of `deadline`, which is not before `cursor`.
  @inline(__always)
  mutating func append(_ index: UInt32, deadline: UInt64) {
    let slot = Slot(for: deadline, from: cursor)
    let last = slab[linksOf: slot.sentinel].previous
    slab[linksOf: last].next = index
    slab[index].deadline = deadline
    slab[linksOf: index].previous = last
    slab[linksOf: index].next = slot.sentinel
    slab[linksOf: slot.sentinel].previous = index
    slab[slot.sentinel].deadline = min(slab[slot.sentinel].deadline, deadline)
    self[occupiedSlotsOf: slot.level] |= 1 &<< UInt64(slot.digit)
    occupiedLevels |= 1 &<< UInt32(slot.level)
  }

  @inline(__always)
  mutating func unlink(_ index: UInt32) {
    let previous = slab[linksOf: index].previous
    let next = slab[linksOf: index].next
    slab[linksOf: previous].next = next
    slab[linksOf: next].previous = previous
    // If both neighbours are the same, that is the sentinel, and the list is now empty.
    if previous == next { markEmpty(Slot(sentinel: previous)) }
  }

  @inline(__always)
  mutating func remove(_ index: UInt32) {
    unlink(index)
    slab.free(index)
    count &-= 1
  }

  @inline(__always)
  mutating func markEmpty(_ slot: Slot) {
    slab[slot.sentinel].deadline = .max
    let occupied = self[occupiedSlotsOf: slot.level] & ~(1 &<< UInt64(slot.digit))
    self[occupiedSlotsOf: slot.level] = occupied
    let levelIsEmpty: UInt32 = occupied == 0 ? 1 : 0
    occupiedLevels &= ~(levelIsEmpty &<< UInt32(slot.level))
  }
}
