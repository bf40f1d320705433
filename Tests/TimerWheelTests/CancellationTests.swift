import Testing

@testable import TimerWheel

@Suite struct CancellationTests {
  /// Five timers in one slot, on two levels, because a slot of level 0 holds one deadline only.
  @Test(
    arguments: [5, 70_000] as [UInt64],
    [[0], [2], [4], [1, 2], [3, 1], [0, 4], [0, 1, 2, 3, 4]])
  func `the neighbours of cancelled timers stay pending`(deadline: UInt64, cancelled: [Int]) {
    var wheel = TimerWheel(now: Tick(0))
    var ids: [TimerID] = []
    for payload in UInt64(0)..<5 {
      ids.append(wheel.insert(deadline: Tick(deadline), payload: payload))
    }
    for victim in cancelled {
      #expect(wheel.cancel(ids[victim]) == UInt64(victim))
      #expect(wheel.cancel(ids[victim]) == nil)
      wheel.checkInvariants()
    }
    #expect(wheel.count == 5 - cancelled.count)
    let rest = (0..<5).filter { !cancelled.contains($0) }.map(UInt64.init)
    #expect(payloads(from: &wheel, at: deadline) == rest)
  }

  @Test func `the timer that would expire next can be cancelled inside a batch`() {
    var wheel = TimerWheel(now: Tick(0))
    _ = wheel.insert(deadline: Tick(10), payload: 1)
    let next = wheel.insert(deadline: Tick(10), payload: 2)
    let afterNext = wheel.insert(deadline: Tick(11), payload: 3)
    _ = wheel.insert(deadline: Tick(12), payload: 4)
    #expect(wheel.popExpired(at: Tick(100))?.payload == 1)
    #expect(wheel.cancel(next) == 2)
    #expect(wheel.cancel(afterNext) == 3)
    wheel.checkInvariants()
    #expect(payloads(from: &wheel, at: 100) == [4])
  }

  @Test func `after a cancellation the next deadline may be early once`() {
    var wheel = TimerWheel(now: Tick(0))
    let early = wheel.insert(deadline: Tick(5000), payload: 1)
    _ = wheel.insert(deadline: Tick(5005), payload: 2)
    #expect(wheel.cancel(early) == 1)
    #expect(wheel.nextDeadline() == Tick(5000))
    #expect(wheel.popExpired(at: Tick(5000)) == nil)
    wheel.checkInvariants()
    #expect(wheel.nextDeadline() == Tick(5005))
  }

  @Test func `a wheel whose last timer is cancelled is empty`() {
    var wheel = TimerWheel(now: Tick(0))
    for deadline in boundaries {
      let id = wheel.insert(deadline: Tick(deadline), payload: deadline)
      #expect(wheel.cancel(id) == deadline)
      #expect(wheel.count == 0)
      #expect(wheel.nextDeadline() == nil)
      wheel.checkInvariants()
    }
    #expect(wheel.popExpired(at: .max) == nil)
  }
}
