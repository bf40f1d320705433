import SystemCalls
import Testing

@testable import WorkerPool

/// Alarms that stand beside each other.
@Suite struct SharedAlarmTests {
  private let first: Alarm
  private let second: Alarm

  init() throws {
    first = try Alarm()
    second = try Alarm(beside: first)
  }

  @Test func `a ring wakes the one that was made last, and that alone`() throws {
    let (a, b) = (try Sleeper(on: first), try Sleeper(on: second))
    first.ring()
    #expect(try b.wake() == .rung)
    #expect(a.isAsleep)
    a.end()
    #expect(try a.wake() == .nudged)
  }

  @Test func `who sleeps is woken where the other does not`() throws {
    let a = try Sleeper(on: first)
    second.ring()
    #expect(try a.wake() == .rung)
    // What it has missed ends its next sleep, for no reason any more.
    #expect(second.sleep(until: nil) == [])
    let b = try Sleeper(on: second)
    first.ring()
    #expect(try b.wake() == .rung)
  }

  @Test func `a nudge ends one's own sleep, or the next one`() throws {
    let (a, b) = (try Sleeper(on: first), try Sleeper(on: second))
    first.nudge()
    #expect(try a.wake() == .nudged)
    #expect(b.isAsleep)
    b.end()
    first.nudge()
    #expect(first.sleep(until: nil) == .nudged)
  }

  @Test func `a deadline wakes one of them, whoever set it`() throws {
    let deadline = Clocks.elapsed() + 20_000_000
    let (a, b) = (try Sleeper(on: first), try Sleeper(on: second))
    second.arm(until: deadline)
    #expect(try b.wake().contains(.timer))
    #expect(Clocks.elapsed() >= deadline)
    #expect(a.isAsleep)
    a.end()
  }

  @Test func `a sleep until whatever deadline was set ends at it`() throws {
    let deadline = Clocks.elapsed() + 2_000_000
    second.arm(until: deadline)
    #expect(second.sleep().contains(.timer))
    #expect(Clocks.elapsed() >= deadline)
  }

  @Test func `a deadline that another has replaced is not slept until`() throws {
    first.claimDeadline()
    second.arm(until: Clocks.elapsed() + 2_000_000)
    // It could sleep for good otherwise: the timer of the other would be gone.
    #expect(first.sleep(until: nil) == [])
    first.claimDeadline()
    #expect(first.sleep(until: Clocks.elapsed() + 1_000_000).contains(.timer))
  }

  @Test func `no ring is lost while two sleep in turns`() throws {
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
    // Each ring has an answer before the next one.
    let limit = Clocks.monotonic() + 60_000_000_000
    var left = 20_000
    while left > 0 {
      first.ring()
      let seen = work.wait(until: limit) { $0.left < left ? $0.left : nil }
      left = try #require(seen, "a ring woke nobody")
    }
    work.withLock { $0.isOver = true }
    for alarm in [first, second] { alarm.nudge() }
    for thread in threads { thread.join() }
  }
}
