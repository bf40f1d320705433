import Glibc
import SystemCalls
import Testing

@testable import WorkerPool

private let second: Int64 = 1_000_000_000

@Suite struct AlarmTests {
  @Test(arguments: [0, 1, 100_000, 3_000_000] as [Int64])
  func `a sleep ends at its deadline, never early`(ahead: Int64) throws {
    let alarm = try Alarm()
    let deadline = Clocks.elapsed() + ahead
    #expect(alarm.sleep(until: deadline) == .timer)
    #expect(Clocks.elapsed() >= deadline)
  }

  @Test(arguments: [0, -1, Int64.min]) func `a deadline long past returns at once`(past: Int64)
    throws
  {
    #expect(try Alarm().sleep(until: past) == .timer)
  }

  @Test func `a wake-up before the sleep ends it, whatever the deadline`() throws {
    let alarm = try Alarm()
    alarm.wakeOne()
    #expect(alarm.sleep(until: nil) == .wakeOne)
    alarm.wakeOne()
    #expect(alarm.sleep(until: Clocks.elapsed() + 60 * second) == .wakeOne)
    alarm.wakeOne()
    #expect(alarm.sleep(until: 0) == [.timer, .wakeOne])
  }

  @Test func `several wake-ups count as one`() throws {
    let alarm = try Alarm()
    for _ in 0..<100 { alarm.wakeOne() }
    #expect(alarm.sleep(until: nil) == .wakeOne)
    #expect(alarm.sleep(until: 0) == .timer)
  }

  @Test func `wakeOne wakes a thread that sleeps without a deadline`() throws {
    let alarm = try Alarm()
    let woken = Condition<Alarm.Wake?>(nil)
    let thread = try OSThread(name: "sleeper") {
      let wake = alarm.sleep(until: nil)
      woken.withLock { $0 = wake }
    }
    alarm.wakeOne()
    thread.join()
    #expect(woken.withLock { $0 } == .wakeOne)
  }

  @Test func `the deadline of an earlier sleep does not end a later one`() throws {
    let alarm = try Alarm()
    let early = Clocks.elapsed() + 1_000_000
    alarm.wakeOne()
    #expect(alarm.sleep(until: early) == .wakeOne)
    alarm.wakeOne()
    #expect(alarm.sleep(until: early + 60 * second).contains(.wakeOne))
    let late = early + 2_000_000
    #expect(alarm.sleep(until: late) == .timer)
    #expect(Clocks.elapsed() >= late)
  }

  @Test func `an expired timer does not show in a later sleep that wakeOne ends`() throws {
    let alarm = try Alarm()
    #expect(alarm.sleep(until: Clocks.elapsed() + 100_000) == .timer)
    alarm.wakeOne()
    #expect(alarm.sleep(until: Clocks.elapsed() + 60 * second) == .wakeOne)
  }

  @Test func `no wake-up between threads is lost`() throws {
    let ping = try Alarm()
    let pong = try Alarm()
    let rounds = 5_000
    let thread = try OSThread(name: "pong") {
      for _ in 0..<rounds {
        _ = ping.sleep(until: nil)
        pong.wakeOne()
      }
    }
    let limit = Clocks.elapsed() + 60 * second
    for _ in 0..<rounds {
      ping.wakeOne()
      try #require(pong.sleep(until: limit) == .wakeOne)
    }
    thread.join()
  }

  @Test func `the woken thread sees what was written before the wake-up`() throws {
    let alarm = try Alarm()
    let queue = Condition([Int]())
    let thread = try OSThread(name: "feeder") {
      for item in 0..<20_000 {
        queue.withLock { $0.append(item) }
        alarm.wakeOne()
      }
    }
    let limit = Clocks.elapsed() + 60 * second
    var seen = 0
    while seen < 20_000 {
      try #require(alarm.sleep(until: limit).contains(.wakeOne))
      seen += queue.withLock { items in
        defer { items.removeAll(keepingCapacity: true) }
        return items.count
      }
    }
    thread.join()
  }

  @Test func `a clock that is set is reported once`() throws {
    // A test cannot set the machine's clock. The expiry of the timer takes the same path.
    let alarm = try Alarm(watching: nil, clockHorizon: Clocks.wall() + 1_000_000)
    #expect(alarm.sleep(until: Clocks.elapsed() + 60 * second) == .clockSet)
    #expect(alarm.sleep(until: 0) == .timer)
  }

  @Test func `a watched descriptor wakes until it has been read`() throws {
    var ends: [Int32] = [0, 0]
    try #require(unsafe pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let alarm = try Alarm(watching: ends[0])
    #expect(alarm.sleep(until: 0) == .timer)
    try #require(unsafe write(ends[1], "x", 1) == 1)
    #expect(alarm.sleep(until: nil) == .readable)
    #expect(alarm.sleep(until: 0) == [.timer, .readable])
    var byte: UInt8 = 0
    try #require(unsafe read(ends[0], &byte, 1) == 1)
    #expect(alarm.sleep(until: 0) == .timer)
  }

  @Test func `an interrupted sleep goes on`() throws {
    let alarm = try Alarm()
    let thread = Condition<pthread_t?>(nil)
    let deadline = Clocks.elapsed() + 20_000_000
    let woken = Condition<(Alarm.Wake, Int64)?>(nil)
    // Nothing else in this process uses SIGWINCH. It needs a handler, since ignored signals do not interrupt.
    let old = Glibc.signal(SIGWINCH) { _ in }
    defer { _ = Glibc.signal(SIGWINCH, old) }
    let sleeper = try OSThread(name: "interrupted") {
      var open = sigset_t()
      unsafe sigaddset(&open, SIGWINCH)
      unsafe pthread_sigmask(SIG_UNBLOCK, &open, nil)
      thread.withLock { $0 = pthread_self() }
      thread.signal()
      let wake = alarm.sleep(until: deadline)
      woken.withLock { $0 = (wake, Clocks.elapsed()) }
    }
    let handle = thread.wait(for: { $0 })
    while Clocks.elapsed() < deadline - 5_000_000 { pthread_kill(handle, SIGWINCH) }
    sleeper.join()
    let result = try #require(woken.withLock { $0 })
    #expect(result.0 == .timer)
    #expect(result.1 >= deadline)
  }

  @Test func `an alarm closes its descriptors`() throws {
    let before = try lowestFreeDescriptor()
    for _ in 0..<50 { _ = try Alarm() }
    #expect(try lowestFreeDescriptor() < before + 40)
  }
}

/// Other tests open files at the same time, so callers must leave some room.
private func lowestFreeDescriptor() throws -> Int32 {
  let descriptor = dup(0)
  try #require(descriptor >= 0)
  close(descriptor)
  return descriptor
}
