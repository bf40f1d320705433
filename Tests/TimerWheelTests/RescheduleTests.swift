import Testing

@testable import TimerWheel

@Suite struct RescheduleTests {
  @Test(arguments: boundaries)
  func `a rescheduled timer keeps its id and expires at its new deadline only`(deadline: UInt64) {
    for old in boundaries {
      var wheel = TimerWheel(now: Tick(0))
      let id = wheel.insert(deadline: Tick(old), payload: 7)
      #expect(wheel.reschedule(id, to: Tick(deadline)) == true)
      wheel.checkInvariants()
      #expect(wheel.deadline(of: id) == Tick(deadline))
      #expect(wheel.count == 1)
      if deadline > 0 { #expect(wheel.popExpired(at: Tick(deadline - 1)) == nil) }
      #expect(wheel.popExpired(at: Tick(deadline))?.id == id)
      #expect(wheel.count == 0)
    }
  }

  @Test func `inside a batch a timer can be rescheduled out of it and into it`() {
    var wheel = TimerWheel(now: Tick(0))
    let first = wheel.insert(deadline: Tick(10), payload: 1)
    let due = wheel.insert(deadline: Tick(20), payload: 2)
    let far = wheel.insert(deadline: Tick(1_000_000), payload: 3)
    _ = wheel.insert(deadline: Tick(30), payload: 4)
    #expect(wheel.popExpired(at: Tick(50))?.id == first)
    #expect(wheel.reschedule(due, to: Tick(60)) == true)
    #expect(wheel.reschedule(far, to: Tick(15)) == true)
    #expect(wheel.reschedule(first, to: Tick(40)) == false)
    wheel.checkInvariants()
    #expect(payloads(from: &wheel, at: 50) == [4, 3])
    #expect(wheel.popExpired(at: Tick(59)) == nil)
    #expect(payloads(from: &wheel, at: 60) == [2])
  }

  @Test func `a timer rescheduled to its deadline expires last among equals`() {
    var wheel = TimerWheel(now: Tick(0))
    let first = wheel.insert(deadline: Tick(99), payload: 1)
    _ = wheel.insert(deadline: Tick(99), payload: 2)
    #expect(wheel.reschedule(first, to: Tick(99)) == true)
    #expect(payloads(from: &wheel, at: 99) == [2, 1])
  }

  @Test func `a timer inserted inside a batch is due in the same batch`() {
    var wheel = TimerWheel(now: Tick(0))
    _ = wheel.insert(deadline: Tick(10), payload: 0)
    var popped: [UInt64] = []
    while let timer = wheel.popExpired(at: Tick(5000)) {
      popped.append(timer.payload)
      if timer.payload < 3 { _ = wheel.insert(deadline: Tick(20), payload: timer.payload + 1) }
      wheel.checkInvariants()
    }
    #expect(popped == [0, 1, 2, 3])
  }
}
