import Testing

@testable import MoonwheelModel
@testable import SchedulerCore

/// A job counts as busy until all that its runs began is gone.
struct BusyJobTests {
  private static func left(_ number: UInt64, _ label: String = "child 7") -> RunEndDetails {
    var details = RunEndDetails()
    details.ending = EndingResources(number: number, label: label)
    return details
  }

  private func gone(_ number: UInt64, _ name: String = "a", in host: CoreHarness) throws {
    let found = host.core.index(named: name, of: CoreHarness.script)
    let index = try #require(found)
    host.handle(.resourcesEnded(host.core.id(of: index), number))
  }

  private func harness(_ jobs: TestJob...) -> CoreHarness {
    let host = CoreHarness()
    for job in jobs { host.durations[job.name] = .max }
    host.install(jobs)
    return host
  }

  @Test func `a fire is skipped until what the run began is gone, with the reason`() throws {
    let host = harness(.every("a", second))
    host.run(until: second)
    host.finish("a", details: Self.left(1))
    #expect(host.isIdle && host.status("a")?.running == 0)
    let run = host.starts[0].run
    #expect(host.status("a")?.reason == "waits for what run \(run) began: child 7")
    host.run(until: 3 * second)
    #expect(host.starts.count == 1)
    #expect(
      host.reasons(.runSkipped)
        == Array(repeating: "a: waits for what run \(run) began: child 7", count: 2))
    try gone(1, in: host)
    #expect(host.status("a")?.reason == nil)
    host.run(until: 4 * second)
    #expect(host.starts.count == 2)
  }

  private static let outcomes: [Run.Outcome] = [
    .succeeded(1), .failed(failure), .timedOut(failure), .cancelled(failure), .dropped(failure),
    .evicted(failure), .abandoned(failure),
  ]
  private static let failure = RunFailure(message: "no")

  @Test(arguments: outcomes)
  func `it holds for every way of ending`(_ outcome: Run.Outcome) throws {
    let host = harness(.every("a", second, JobPolicy(overlap: .queue, backlog: 2)))
    host.run(until: second)
    host.finish("a", outcome, details: Self.left(1))
    host.run(until: 2 * second)
    #expect(host.status("a")?.waiting == 1 && host.starts.count == 1)
    #expect(host.count(outcome.event) == 1, "the run itself has ended at once")
    try gone(1, in: host)
    #expect(host.starts.count == 2 && host.status("a")?.waiting == 0)
  }

  @Test func `a core that hears of the ending first does not wait`() throws {
    let host = harness(.every("a", second))
    host.run(until: second)
    try gone(1, in: host)
    host.finish("a", details: Self.left(1))
    host.run(until: 2 * second)
    #expect(host.starts.count == 2)
  }

  @Test func `a promise, a retry, an event and a fixed delay wait for it`() throws {
    let host = harness(
      .onDemand("promise"),
      .every("retry", 10 * second, JobPolicy(retry: RetryPolicy(max: 1))),
      try .on("event", "e"), .every("delay", second, JobPolicy(fixedDelay: true)))
    #expect(host.trigger("promise") != nil)
    #expect(host.trigger("promise") != nil)
    host.run(until: 10 * second)
    host.emit("e")
    host.emit("e")
    let before = host.starts.count
    host.finish("promise", details: Self.left(1))
    host.finish("retry", .failed(RunFailure(message: "no")), details: Self.left(2))
    host.finish("event", details: Self.left(3))
    host.finish("delay", details: Self.left(4))
    host.run(until: 19 * second)
    #expect(host.starts.count == before)
    try gone(1, "promise", in: host)
    try gone(2, "retry", in: host)
    try gone(3, "event", in: host)
    #expect(host.starts.dropFirst(before).map(\.job).sorted() == ["event", "promise", "retry"])
    try gone(4, "delay", in: host)
    host.run(until: 20 * second - 1)
    #expect(host.starts.last?.job != "delay")
    host.run(until: 20 * second)
    #expect(host.starts.contains { $0.job == "delay" && $0.at == 20 * second })
  }

  @Test func `runs side by side each keep a place`() throws {
    let host = harness(.every("a", second, JobPolicy(overlap: .allow, maxInstances: 2)))
    host.run(until: 2 * second)
    host.finish("a", details: Self.left(1))
    host.finish("a", details: Self.left(2))
    host.run(until: 3 * second)
    #expect(host.starts.count == 2 && host.status("a")?.running == 0)
    try gone(2, in: host)
    host.run(until: 4 * second)
    #expect(host.starts.count == 3 && host.status("a")?.running == 1)
    #expect(host.status("a")?.reason == nil)
  }

  @Test func `a job that goes meanwhile leaves nothing`() throws {
    let host = harness(.every("a", second), .every("b", second))
    host.run(until: second)
    let found = host.core.index(named: "a", of: CoreHarness.script)
    let index = try #require(found)
    let id = host.core.id(of: index)
    host.finish("a", details: Self.left(1))
    host.install([.every("b", second)])
    host.handle(.resourcesEnded(id, 1))
    #expect(host.core.removedJobs.isEmpty)
    host.install([.every("b", second), .every("a", second)])
    host.finish("b")
    host.run(until: 2 * second)
    #expect(host.starts.suffix(2).map(\.job).sorted() == ["a", "b"])
  }

  @Test func `a drain does not wait for it`() throws {
    let host = harness(.every("a", second))
    host.run(until: second)
    host.handle(.drain)
    host.finish("a", details: Self.left(1))
    #expect(host.drained == 1)
    try gone(1, in: host)
  }
}
