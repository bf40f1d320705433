import SystemCalls
import Testing

@testable import WorkerPool

/// Which of two threads wakes that sleep until the same things.
@Suite struct OneOfTwoSleepersTests {
  private let first: Alarm
  private let second: Alarm

  init() throws {
    first = try Alarm()
    second = try Alarm(sharing: first)
  }

  @Test func `wakeOne wakes only the sleeper whose alarm was made last`() throws {
    let (a, b) = (try Sleeper(on: first), try Sleeper(on: second))
    first.wakeOne()
    #expect(try b.wake() == .wakeOne)
    #expect(a.isAsleep)
    a.end()
    #expect(try a.wake() == .wakeThis)
  }

  @Test func `wakeOne wakes the only sleeper, whichever alarm it sleeps on`() throws {
    let a = try Sleeper(on: first)
    second.wakeOne()
    #expect(try a.wake() == .wakeOne)
    // The wake-up is left over in its epoll and ends its next sleep, without a reason.
    #expect(second.sleep(until: nil) == [])
    let b = try Sleeper(on: second)
    first.wakeOne()
    #expect(try b.wake() == .wakeOne)
  }

  @Test func `wakeThis ends the sleep on its own alarm, or the next one`() throws {
    let (a, b) = (try Sleeper(on: first), try Sleeper(on: second))
    first.wakeThis()
    #expect(try a.wake() == .wakeThis)
    #expect(b.isAsleep)
    b.end()
    first.wakeThis()
    #expect(first.sleep(until: nil) == .wakeThis)
  }

  @Test func `a deadline wakes one sleeper, whichever alarm it was set on`() throws {
    let deadline = Clocks.elapsed() + 20_000_000
    let (a, b) = (try Sleeper(on: first), try Sleeper(on: second))
    second.arm(until: deadline)
    #expect(try b.wake().contains(.timer))
    #expect(Clocks.elapsed() >= deadline)
    #expect(a.isAsleep)
    a.end()
  }

  @Test func `a sleep without a deadline of its own ends at the one that was set`() throws {
    let deadline = Clocks.elapsed() + 2_000_000
    second.arm(until: deadline)
    #expect(second.sleep().contains(.timer))
    #expect(Clocks.elapsed() >= deadline)
  }

  @Test func `a sleep ends at once if another alarm has replaced its deadline`() throws {
    first.claimDeadline()
    second.arm(until: Clocks.elapsed() + 2_000_000)
    // Otherwise it would disarm the timer that the second alarm relies on.
    #expect(first.sleep(until: nil) == [])
    first.claimDeadline()
    #expect(first.sleep(until: Clocks.elapsed() + 1_000_000).contains(.timer))
  }

  @Test func `no wake-up is lost while two threads sleep in turns`() throws {
    let work = Condition((left: 20_000, isOver: false))
    let (first, second) = (first, second)
    let threads = try [first, second].map { alarm in
      try OSThread(name: "sleeper") {
        while !work.withLock({ $0.isOver }) {
          alarm.claimDeadline()
          _ = alarm.sleep(until: nil)
          work.withLock { if $0.left > 0 { $0.left -= 1 } }
          work.broadcast()
        }
      }
    }
    // Wait for an answer to each wake-up before the next.
    let limit = Clocks.monotonic() + 60_000_000_000
    var left = 20_000
    while left > 0 {
      first.wakeOne()
      let seen = work.wait(until: limit) { $0.left < left ? $0.left : nil }
      left = try #require(seen, "wakeOne woke no thread")
    }
    work.withLock { $0.isOver = true }
    for alarm in [first, second] { alarm.wakeThis() }
    for thread in threads { thread.join() }
  }
}
