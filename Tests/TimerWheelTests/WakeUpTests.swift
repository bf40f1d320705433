import TestSupport
import Testing

@testable import TimerWheel

@Suite struct WakeUpTests {
  /// An hour of ticks of 100 microseconds.
  static let hour: UInt64 = 36_000_000

  @Test func `a hundred hourly timers cost at most a hundred wake-ups an hour`() {
    var random = SplitMix64(seed: 3)
    var wheel = TimerWheel(now: Tick(1 << 33))
    for _ in 0..<100 {
      let phase = random.next(upTo: Self.hour)
      _ = wheel.insert(deadline: wheel.now.advanced(by: phase), payload: 0)
    }
    let end = wheel.now.advanced(by: 10 * Self.hour)
    var wakeUps = 0
    var fires = 0
    while let next = wheel.nextDeadline(), next < end {
      wakeUps += 1
      while let timer = wheel.popExpired(at: next) {
        #expect(timer.deadline == next)
        fires += 1
        _ = wheel.insert(deadline: timer.deadline.advanced(by: Self.hour), payload: 0)
      }
    }
    #expect(fires == 1000)
    #expect(wakeUps <= fires)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `each wake-up expires a timer unless one was cancelled or rescheduled`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var wheel = TimerWheel(now: Tick(0))
    var pending: [TimerID] = []
    for _ in 0..<2000 {
      pending.append(
        wheel.insert(deadline: Tick(random.next() >> random.next(upTo: 64)), payload: 0))
    }
    var taken = 0
    for id in pending where random.next(upTo: 2) == 0 {
      taken += 1
      if random.next(upTo: 2) == 0 {
        #expect(wheel.cancel(id) == 0)
      } else {
        #expect(wheel.reschedule(id, to: Tick(random.next() >> random.next(upTo: 64))) == true)
      }
    }
    var idle = 0
    while let next = wheel.nextDeadline() {
      let batch = popAll(from: &wheel, at: next)
      if batch.isEmpty { idle += 1 }
      // Never late: a timer that expires at a wake-up is due at that very tick.
      #expect(batch.allSatisfy { $0.deadline == next })
    }
    #expect(idle <= taken)
    #expect(wheel.count == 0)
  }

  @Test func `no timer cascades before one is due`() {
    var wheel = TimerWheel(now: Tick(0))
    let id = wheel.insert(deadline: Tick(70_000), payload: 7)
    let levels = wheel.occupiedLevels
    // A tick inside the timer's slot, which begins at 65,536.
    #expect(wheel.popExpired(at: Tick(69_999)) == nil)
    #expect(wheel.occupiedLevels == levels)
    wheel.checkInvariants()
    #expect(wheel.popExpired(at: Tick(70_000))?.id == id)
  }

  @Test func `a thread that wakes at any other time misses no timer`() {
    var random = SplitMix64(seed: 11)
    var wheel = TimerWheel(now: Tick(0))
    var last = Tick(0)
    for _ in 0..<3000 {
      let deadline = wheel.now.advanced(by: random.next(upTo: 20_000))
      _ = wheel.insert(deadline: deadline, payload: 0)
      let now = wheel.now.advanced(by: random.next(upTo: 40))
      for timer in popAll(from: &wheel, at: now) {
        #expect(timer.deadline > last && timer.deadline <= now || timer.deadline == last)
        last = timer.deadline
      }
      if let next = wheel.nextDeadline() { #expect(next > now) }
      wheel.checkInvariants()
    }
  }
}
