extension TimerWheel {
  /// The earliest tick at which a timer may expire, or nil if none is pending. May be early if the timer with that
  /// deadline was cancelled or rescheduled; never late. O(1).
  public func nextDeadline() -> Tick? {
    guard let slot = firstSlot else { return nil }
    return Tick(slab[slot.sentinel].deadline)
  }

  /// Sets the wheel's time, then removes and returns the timer that is due first; nil if none is due.
  ///
  /// To expire a batch, call it until it returns nil. Between two calls the caller may insert, cancel and reschedule
  /// timers; this takes effect in the rest of the batch. Time does not go back: a `now` before the wheel's counts as
  /// the wheel's. O(1), except for cascades.
  public mutating func popExpired(at now: Tick) -> ExpiredTimer? {
    self.now = max(self.now, now)
    while let slot = firstSlot {
      let earliest = slab[slot.sentinel].deadline
      guard earliest <= self.now.rawValue else {
        if slot.start(from: cursor) > self.now.rawValue { cursor = self.now.rawValue }
        return nil
      }
      cursor = earliest
      if slot.level == 0 { return expireFirst(of: slot) }
      cascade(slot)
    }
    cursor = self.now.rawValue
    return nil
  }

  @inline(__always)
  private mutating func expireFirst(of slot: Slot) -> ExpiredTimer {
    let index = slab[linksOf: slot.sentinel].next
    let entry = slab[index]
    let next = slab[linksOf: index].next
    slab[linksOf: slot.sentinel].next = next
    slab[linksOf: next].previous = slot.sentinel
    if next == slot.sentinel { markEmpty(slot) }
    slab.free(index)
    count &-= 1
    return ExpiredTimer(
      id: TimerID(index: index, generation: entry.generation),
      deadline: Tick(entry.deadline),
      payload: entry.payload)
  }

  /// Moves all timers of a slot that the cursor has entered to lower levels, and keeps their order.
  @inline(never)
  private mutating func cascade(_ slot: Slot) {
    var index = slab[linksOf: slot.sentinel].next
    slab[linksOf: slot.sentinel].next = slot.sentinel
    slab[linksOf: slot.sentinel].previous = slot.sentinel
    markEmpty(slot)
    while index != slot.sentinel {
      let next = slab[linksOf: index].next
      append(index, deadline: slab[index].deadline)
      index = next
    }
  }
}
