import Testing

@testable import TimerWheel

@Suite struct TimerIDTests {
  @Test func `a pending timer costs 32 bytes and an id 8`() {
    #expect(MemoryLayout<Entry>.stride + MemoryLayout<Links>.stride == 32)
    #expect(MemoryLayout<TimerID>.size == 8)
  }

  @Test func `an id is recognized as stale after its place is used again`() {
    var wheel = TimerWheel(now: Tick(0))
    let cancelled = wheel.insert(deadline: Tick(10), payload: 1)
    _ = wheel.cancel(cancelled)
    let popped = wheel.insert(deadline: Tick(10), payload: 2)
    #expect(popped.index == cancelled.index)
    _ = wheel.popExpired(at: Tick(10))
    let current = wheel.insert(deadline: Tick(20), payload: 3)
    #expect(current.index == popped.index)
    for stale in [cancelled, popped, .none] {
      #expect(wheel.deadline(of: stale) == nil)
      #expect(wheel.reschedule(stale, to: Tick(30)) == false)
      #expect(wheel.cancel(stale) == nil)
    }
    #expect(wheel.deadline(of: current) == Tick(20))
    wheel.checkInvariants()
  }

  @Test func `a place whose generations are used up is retired`() {
    var wheel = TimerWheel(now: Tick(0))
    let first = wheel.insert(deadline: Tick(10), payload: 1)
    _ = wheel.cancel(first)
    wheel.slab[first.index].generation = .max
    let last = wheel.insert(deadline: Tick(10), payload: 2)
    #expect(last.index == first.index && last.generation == .max)
    #expect(wheel.cancel(last) == 2)
    wheel.checkInvariants()
    let next = wheel.insert(deadline: Tick(10), payload: 3)
    #expect(next.index != first.index)
    #expect(wheel.cancel(first) == nil)
    #expect(wheel.cancel(last) == nil)
    wheel.checkInvariants()
  }

  @Test func `an id of a larger wheel is harmless`() {
    var large = TimerWheel(now: Tick(0))
    var id = TimerID.none
    for _ in 0..<1000 { id = large.insert(deadline: Tick(10), payload: 1) }
    var small = TimerWheel(now: Tick(0))
    #expect(small.cancel(id) == nil)
    #expect(small.deadline(of: id) == nil)
  }

  @Test func `the slab grows once and is used again`() {
    var wheel = TimerWheel(now: Tick(0), reservingCapacity: 100)
    let capacity = wheel.slab.capacity
    for round in UInt64(0)..<10 {
      for _ in 0..<100 { _ = wheel.insert(deadline: Tick(round), payload: 1) }
      #expect(payloads(from: &wheel, at: round).count == 100)
    }
    #expect(wheel.slab.capacity == capacity)
    for payload in UInt64(0)..<5000 { _ = wheel.insert(deadline: Tick(payload), payload: payload) }
    wheel.checkInvariants()
    #expect(payloads(from: &wheel, at: 5000) == Array(0..<5000))
  }
}
