/// The lists behind the slots: circular, each through its sentinel, so that neither appending nor
/// unlinking asks where in a list it is.
extension TimerWheel {
  /// The occupied slot that is due first, or nil if the wheel is empty.
  var firstSlot: Slot? {
    guard occupiedLevels != 0 else { return nil }
    let level = occupiedLevels.trailingZeroBitCount
    return Slot(level: level, digit: occupiedSlots[level].trailingZeroBitCount)
  }

  /// Puts an entry that is in no list into the one where `deadline`, not before `cursor`, belongs.
  mutating func append(_ index: UInt32, deadline: UInt64) {
    let slot = Slot(for: deadline, from: cursor)
    let last = slab[slot.sentinel].previous
    slab[last].next = index
    slab[index].deadline = deadline
    slab[index].previous = last
    slab[index].next = slot.sentinel
    slab[slot.sentinel].previous = index
    slab[slot.sentinel].deadline = min(slab[slot.sentinel].deadline, deadline)
    occupiedSlots[slot.level] |= 1 &<< UInt64(slot.digit)
    occupiedLevels |= 1 &<< UInt32(slot.level)
  }

  mutating func unlink(_ index: UInt32) {
    let previous = slab[index].previous
    let next = slab[index].next
    slab[previous].next = next
    slab[next].previous = previous
    // Only a sentinel is its own neighbour: the list is empty.
    if previous == next { markEmpty(Slot(sentinel: previous)) }
  }

  mutating func remove(_ index: UInt32) {
    unlink(index)
    slab.free(index)
    count &-= 1
  }

  mutating func markEmpty(_ slot: Slot) {
    slab[slot.sentinel].deadline = .max
    occupiedSlots[slot.level] &= ~(1 &<< UInt64(slot.digit))
    if occupiedSlots[slot.level] == 0 { occupiedLevels &= ~(1 &<< UInt32(slot.level)) }
  }
}
