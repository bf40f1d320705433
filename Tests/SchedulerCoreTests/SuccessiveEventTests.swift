import JobStoreConformance
import TestSupport
import Testing

@testable import MoonwheelModel
@testable import SchedulerCore

/// Events of one handler, one after the other, also if its worker starts the next one without the core.
@Suite struct SuccessiveEventTests {
  private static func harness() throws -> CoreHarness {
    let harness = CoreHarness()
    harness.allowLeases()
    harness.durations["a"] = .max
    harness.install([try .on("a", "x.*", JobPolicy(overlap: .queue, backlog: 1_000))])
    return harness
  }

  @Test func `the next event begins before the core gets the report of the end`() throws {
    let harness = try Self.harness()
    for number in 1...4 { harness.emit("x.\(number)") }
    #expect(harness.status("a")?.waiting == 3)
    let reports = (1...3).map { _ in harness.end(at: 0) }
    #expect(harness.starts.map(\.payload) == ["x.1", "x.2", "x.3", "x.4"])
    #expect(harness.starts.map(\.number) == [1, 2, 3, 4])
    #expect(Set(harness.starts.map(\.run)).count == 4)
    for report in reports { harness.report(report) }
    #expect(harness.dequeued.count == 4)
    #expect(harness.status("a")?.runs == 4)
    #expect(harness.status("a")?.running == 1)
    harness.finish("a")
    #expect(harness.isIdle)
  }

  @Test func `a lease ends when it is empty, and the core opens another`() throws {
    let harness = try Self.harness()
    for number in 0...Lease.limit + 9 { harness.emit("x.\(number)") }
    var reports: [RunEnd] = []
    while !harness.active.isEmpty { reports.append(harness.end(at: 0)) }
    #expect(harness.starts.count == Lease.limit + 1)
    for report in reports { harness.report(report) }
    while !harness.active.isEmpty { harness.finish(at: 0) }
    #expect(
      harness.starts.map(\.payload)
        == (0...Lease.limit + 9).map { .string("x.\($0)") })
  }

  @Test func `an event that comes after the last run has ended waits for the report`() throws {
    let harness = try Self.harness()
    for number in 1...2 { harness.emit("x.\(number)") }
    let reports = (1...2).map { _ in harness.end(at: 0) }
    harness.emit("x.3")
    harness.emit("x.4")
    #expect(harness.starts.count == 2)
    for report in reports { harness.report(report) }
    #expect(harness.starts.map(\.payload) == ["x.1", "x.2", "x.3"])
    #expect(harness.status("a")?.waiting == 1)
    harness.finish("a")
    harness.finish("a")
    #expect(harness.starts.map(\.number) == [1, 2, 3, 4])
    #expect(harness.dequeued.count == 4)
    #expect(harness.isIdle)
  }

  @Test(arguments: 0...3)
  func `a pause stops the events that have not begun, whatever the core knows`(begun: Int) throws {
    let harness = try Self.harness()
    for number in 1...4 { harness.emit("x.\(number)") }
    let reports = (0..<begun).map { _ in harness.end(at: 0) }
    harness.command("a", .pause(reason: nil))
    #expect(harness.status("a")?.waiting == 3 - begun)
    for report in reports { harness.report(report) }
    harness.finish("a")
    #expect(harness.isIdle)
    #expect(harness.starts.count == begun + 1)
    harness.command("a", .resume)
    while !harness.active.isEmpty { harness.finish(at: 0) }
    #expect(harness.starts.map(\.payload) == ["x.1", "x.2", "x.3", "x.4"])
    #expect(harness.dequeued.count == 4)
  }

  @Test func `the core publishes each start if somebody wants the event`() throws {
    let harness = try Self.harness()
    for number in 1...3 { harness.emit("x.\(number)") }
    harness.handle(.interest(.all, listensToRuns: false))
    for _ in 1...3 { harness.finish("a") }
    #expect(harness.starts.count == 3)
    #expect(harness.count(.runStarted) == 2, "all except the first, which had begun")
  }

  /// Gives equal inputs to a core with leases and to one without.
  @Test(arguments: 1...40)
  func `leases do not change what the core does`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let both = [CoreHarness(), CoreHarness()]
    for harness in both {
      for name in ["a", "b", "c"] { harness.durations[name] = .max }
    }
    both[1].allowLeases()
    func job(_ name: String, _ kind: UInt64) throws -> TestJob {
      switch kind {
      case 0: try .on(name, "y.*", JobPolicy(overlap: .queue, backlog: 5))
      case 1: try .on(name, "x.*", JobPolicy(overlap: .queue, backlog: 5, paused: true))
      default: try .on(name, "x.*", JobPolicy(overlap: .queue, backlog: 2 + Int(kind) * 2))
      }
    }
    func install() throws {
      let names = ["a", "b", "c"].filter { _ in random.next(upTo: 6) > 0 }
      let jobs = try names.map { try job($0, random.next(upTo: 8)) }
      for harness in both { harness.install(jobs) }
    }
    try install()
    for step in 1...400 {
      let name = ["a", "b", "c"][Int(random.next(upTo: 3))]
      let choice = random.next(upTo: 100)
      let index = Int(random.next(upTo: 3))
      for harness in both {
        switch choice {
        case ..<50: harness.emit("x.\(step)")
        case ..<85:
          guard index < harness.active.count else { break }
          let names = harness.active.map(\.job).sorted()
          harness.finish(names[index], choice < 53 ? .cancelledJob : .succeeded(.nil))
        case ..<88:
          harness.handle(.named(CoreHarness.script, name: name, .pause(reason: nil), request: 0))
        case ..<93: harness.handle(.named(CoreHarness.script, name: name, .resume, request: 0))
        case ..<94:
          harness.handle(.named(CoreHarness.script, name: name, .cancel(by: nil), request: 0))
        case ..<96:
          harness.handle(
            .named(CoreHarness.script, name: name, .enqueue(.nil, at: .now), request: 0))
        default: break
        }
      }
      if choice >= 97 { try install() }
      func log(_ harness: CoreHarness) -> [String] {
        harness.starts.map { "\($0.job) \($0.number) \($0.payload) \($0.generation)" }
          + harness.reasons(.runSkipped)
          + ["a", "b", "c"].map { name in
            harness.status(name).map { "\($0.runs) \($0.running) \($0.waiting) \($0.state)" }
              ?? "gone"
          } + ["\(harness.dequeued.count) dequeued"]
      }
      #expect(log(both[0]) == log(both[1]), "step \(step), choice \(choice)")
    }
    #expect(both[1].starts.count > 20)
  }
}
