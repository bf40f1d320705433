import Testing

@testable import TimerWheel

@Suite struct DeadlineTests {
  @Test(arguments: boundaries)
  func `a timer expires at its deadline and not a tick earlier`(distance: UInt64) {
    for start in boundaries where start <= .max - distance {
      var wheel = TimerWheel(now: Tick(start))
      let deadline = Tick(start + distance)
      let id = wheel.insert(deadline: deadline, payload: 7)
      wheel.checkInvariants()
      #expect(wheel.nextDeadline() == deadline)
      if distance > 0 {
        #expect(wheel.popExpired(at: Tick(deadline.rawValue - 1)) == nil)
        wheel.checkInvariants()
      }
      let expired = wheel.popExpired(at: deadline)
      #expect(expired == ExpiredTimer(id: id, deadline: deadline, payload: 7))
      #expect(wheel.count == 0)
      #expect(wheel.nextDeadline() == nil)
      wheel.checkInvariants()
    }
  }

  @Test(arguments: boundaries)
  func `a timer that is popped late keeps its deadline`(distance: UInt64) {
    var wheel = TimerWheel(now: Tick(0))
    let id = wheel.insert(deadline: Tick(distance), payload: 7)
    let expired = wheel.popExpired(at: .max)
    #expect(expired == ExpiredTimer(id: id, deadline: Tick(distance), payload: 7))
  }

  @Test func `all levels empty in the order of deadlines`() {
    var wheel = TimerWheel(now: Tick(0))
    for deadline in boundaries.reversed() {
      _ = wheel.insert(deadline: Tick(deadline), payload: deadline)
    }
    wheel.checkInvariants()
    #expect(payloads(from: &wheel, at: .max) == boundaries)
    wheel.checkInvariants()
  }

  @Test func `a wheel that moves one tick at a time crosses slot boundaries correctly`() {
    var wheel = TimerWheel(now: Tick(4000))
    for deadline in UInt64(4001)...4300 {
      _ = wheel.insert(deadline: Tick(deadline), payload: deadline)
    }
    for now in UInt64(4001)...4300 {
      #expect(payloads(from: &wheel, at: now) == [now])
      wheel.checkInvariants()
    }
  }

  @Test func `timers of one deadline expire in the order of insertion`() {
    for distance in boundaries {
      var wheel = TimerWheel(now: Tick(0))
      for payload in UInt64(0)..<5 {
        _ = wheel.insert(deadline: Tick(distance), payload: payload)
        // Advancing between insertions puts equal deadlines on different levels where possible.
        _ = wheel.popExpired(at: Tick(distance / 8 * payload))
        wheel.checkInvariants()
      }
      let rest = payloads(from: &wheel, at: distance)
      #expect(rest == rest.sorted())
    }
  }

  @Test func `a deadline that is past counts as now and does not overtake`() {
    var wheel = TimerWheel(now: Tick(1000))
    _ = wheel.insert(deadline: Tick(1000), payload: 1)
    let late = wheel.insert(deadline: Tick(3), payload: 2)
    #expect(wheel.deadline(of: late) == Tick(1000))
    #expect(payloads(from: &wheel, at: 1000) == [1, 2])
  }

  @Test func `time does not go back`() {
    var wheel = TimerWheel(now: Tick(100))
    _ = wheel.insert(deadline: Tick(150), payload: 1)
    #expect(wheel.popExpired(at: Tick(120)) == nil)
    #expect(wheel.popExpired(at: Tick(50)) == nil)
    #expect(wheel.now == Tick(120))
    #expect(payloads(from: &wheel, at: 200) == [1])
    _ = wheel.insert(deadline: Tick(60), payload: 2)
    #expect(payloads(from: &wheel, at: 50) == [2])
  }

  @Test func `ticks are ordered and saturate`() {
    #expect(Tick(1) < Tick(2))
    #expect(Tick(1).advanced(by: 2) == Tick(3))
    #expect(Tick(5).advanced(by: .max) == .max)
  }
}
