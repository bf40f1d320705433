import Testing

@testable import MoonwheelModel
@testable import SchedulerCore

@Suite struct WaitTests {
  private func park(_ number: UInt64) -> ParkID {
    ParkID(generation: GenerationID(rawValue: 1), coroutine: UInt32(number), serial: number)
  }

  @Test func `each sleeper wakes once, in order, and never early`() {
    let harness = CoreHarness()
    for number in (1...1_000 as ClosedRange<UInt64>).reversed() {
      let until = Int64(number) * 777_777
      harness.handle(.park(park(number), until: CoreHarness.origin + until))
    }
    var woken = 0
    while let deadline = harness.deadline {
      harness.jump(to: deadline)
      for wake in harness.wakes.dropFirst(woken) {
        #expect(Int64(wake.serial) * 777_777 <= harness.now)
        #expect(harness.now - Int64(wake.serial) * 777_777 < 100_000)
      }
      woken = harness.wakes.count
    }
    #expect(harness.wakes.map(\.serial) == Array(1...1_000))
  }

  @Test func `a coroutine that something else woke is not woken again`() {
    let harness = CoreHarness()
    for number in 1...6 as ClosedRange<UInt64> {
      harness.handle(.park(park(number), until: CoreHarness.origin + second))
    }
    for number in [2, 5, 5, 9] as [UInt64] { harness.handle(.unpark(park(number))) }
    harness.jump(to: second)
    harness.handle(.unpark(park(1)))
    #expect(harness.wakes.map(\.serial) == [1, 3, 4, 6])
    #expect(harness.core.parks.count == 0)
    #expect(harness.deadline == nil)
  }

  @Test func `a deadline that has passed wakes with the next advance`() {
    let harness = CoreHarness()
    harness.handle(.park(park(1), until: .min))
    harness.handle(.park(park(2), until: 0))
    harness.handle(.park(park(3), until: .max))
    harness.jump(to: 0)
    #expect(harness.wakes.map(\.serial) == [1, 2])
    #expect(harness.deadline != nil)
  }
}

@Suite struct DrainTests {
  @Test func `a drain ends with the last run, and no new run begins`() throws {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.durations["b"] = .max
    harness.install([
      .every("a", second, JobPolicy(overlap: .queue, backlog: 5)), .onDemand("b"),
      try .on("c", "x"),
      .every("d", second, JobPolicy(fixedDelay: true)),
    ])
    harness.run(until: 2 * second)
    _ = harness.trigger("b")
    _ = harness.trigger("b")
    let began = harness.starts.count
    harness.handle(.drain)
    #expect(harness.wantsReports)
    harness.emit("x")
    #expect(harness.dequeued.count == 1)
    #expect(harness.trigger("b") == nil)
    harness.install([
      .every("a", second), .onDemand("e"), .every("f", second, JobPolicy(now: true)),
    ])
    harness.handle(
      .park(ParkID(generation: GenerationID(rawValue: 1), coroutine: 1, serial: 1), until: 0))
    harness.run(until: 6 * second)
    #expect(harness.wakes.count == 1, "a run under way may sleep")
    harness.finish("a")
    #expect(harness.drained == 0)
    harness.install([.onDemand("b")])
    harness.finish("b")
    #expect(harness.drained == 1)
    #expect(harness.starts.count == began)
    #expect(!harness.wantsReports)
  }

  @Test func `an idle core is drained at once`() {
    let harness = CoreHarness()
    harness.install([.every("a", second)])
    harness.handle(.drain)
    #expect(harness.drained == 1)
    harness.run(until: 3 * second)
    #expect(harness.starts.isEmpty)
  }
}

@Suite struct StopTests {
  private func decisions(_ harness: CoreHarness, _ job: String) -> [(Int64, String)] {
    harness.events.map(\.event).filter { $0.kind == .runSkipped && $0.job == job }.map {
      ($0.count, $0.reason ?? "")
    }
  }

  @Test func `a stop delivers what a handler has gathered`() throws {
    let harness = CoreHarness()
    harness.install([
      try .on("d", "x", JobPolicy(overlap: .queue, backlog: 9, debounce: 100 * second)),
      try .on("b", "x", JobPolicy(overlap: .queue, backlog: 9, debounce: 100 * second, batch: 3)),
    ])
    for _ in 0..<2 { harness.emit("x") }
    harness.run(until: second)
    #expect(harness.starts.isEmpty)
    harness.handle(.drain)
    #expect(harness.starts.count == 2)
    #expect(harness.drained == 0)
    #expect(harness.dequeued.count == 4)
    harness.finish("d")
    harness.finish("b")
    #expect(harness.drained == 1)
    #expect(decisions(harness, "d").isEmpty && decisions(harness, "b").isEmpty)
  }

  @Test func `what a stop does not start is counted, and pending runs are kept`() throws {
    let harness = CoreHarness()
    for name in ["h", "g", "q", "p"] { harness.durations[name] = .max }
    harness.install([
      try .on("h", "x"), try .on("g", "x", JobPolicy(overlap: .queue, backlog: 9, batch: 2)),
      .every("q", second, JobPolicy(overlap: .queue, backlog: 5)), .onDemand("p"),
    ])
    for _ in 0..<4 { harness.emit("x") }
    harness.run(until: 3 * second)
    _ = harness.trigger("p")
    _ = harness.trigger("p")
    let began = harness.starts.count
    harness.handle(.drain)
    for _ in 0..<2 { harness.emit("x") }
    harness.handle(.drain)
    #expect(harness.starts.count == began)
    #expect(decisions(harness, "h").map(\.0) == [3, 1, 1])
    #expect(decisions(harness, "g").map(\.0).reduce(0, +) == 5)
    #expect(decisions(harness, "q").map(\.0) == [2])
    #expect(decisions(harness, "p").isEmpty)
    #expect(
      ["h", "g", "q"].flatMap { decisions(harness, $0) }.allSatisfy { $0.1 == Drain.reason })
    #expect(harness.dequeued.count == 12, "each event has left its queue")
  }
}
