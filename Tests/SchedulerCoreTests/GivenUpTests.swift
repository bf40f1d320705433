import Testing
import Triggers

@testable import MoonwheelModel
@testable import SchedulerCore

/// `run.given_up`: once for each run that did not succeed and will not be tried again, unless somebody has asked for it.
@Suite struct GivenUpTests {
  private static let failure = RunFailure(message: "down")

  /// The events as `status job attempt count: text`.
  private func losses(_ host: CoreHarness) -> [String] {
    host.events.map(\.event).filter { $0.kind == .runGivenUp }.map { event in
      let attempt = event.attempt.map { " \($0.number)" } ?? ""
      return
        "\(event.status ?? "?") \(event.job)\(attempt) \(event.count): \(event.reason ?? event.failure?.message ?? "")"
    }
  }

  private func attempts(_ host: CoreHarness, _ kind: HostEvent.Kind) -> [HostEvent.Attempt?] {
    host.events.map(\.event).filter { $0.kind == kind }.map(\.attempt)
  }

  @Test func `a run that fails is given up after its last attempt, and only then`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", hour, JobPolicy(retry: RetryPolicy(max: 1, jitter: 0)))])
    harness.run(until: hour)
    harness.finish("a", .failed(Self.failure))
    #expect(losses(harness).isEmpty)
    harness.run(until: hour + 10 * second)
    harness.finish("a", .failed(Self.failure))
    #expect(
      attempts(harness, .runFailed) == [.init(1, isFinal: false), .init(2, isFinal: true)])
    #expect(losses(harness) == ["failed a 2 1: down"])
    #expect(attempts(harness, .runGivenUp) == [.init(2, isFinal: true)])
  }

  @Test(arguments: [
    (Run.Outcome.timedOut(failure), "timed_out"), (.dropped(failure), "dropped"),
    (.evicted(failure), "evicted"), (.abandoned(failure), "abandoned"),
  ])
  func `a run that the host ended is given up`(outcome: Run.Outcome, status: String) {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", hour, JobPolicy(hooks: .failure))])
    harness.run(until: hour)
    harness.finish("a", outcome)
    #expect(losses(harness) == ["\(status) a 1 1: down"])
    #expect(attempts(harness, outcome.event) == [.init(1, isFinal: true)])
    #expect(harness.hooks.map { $0.extras?.content.hook?.which } == [.failure])
    harness.finishHooks()
  }

  @Test func `what somebody asked for is not given up`() throws {
    let harness = CoreHarness()
    for job in ["a", "b", "c"] { harness.durations[job] = .max }
    harness.install([.every("a", hour), .every("b", hour), .every("c", hour)])
    harness.run(until: hour)
    harness.command("a", .cancel(by: nil))
    harness.finish("a", .cancelled(Self.failure))
    harness.finish("b", .cancelledJob)
    harness.finish("c", .declined)
    #expect(losses(harness).isEmpty)
    #expect(attempts(harness, .runCancelled) == [.init(1, isFinal: true)])
  }

  @Test func `a run that the stop of the host interrupts is given up, unless it starts again`() {
    let harness = StoreHarness()
    for job in ["a", "b"] { harness.host.durations[job] = .max }
    harness.host.install([.every("a", hour), .every("b", hour, JobPolicy(restart: true))])
    harness.host.run(until: hour)
    harness.host.handle(.drain)
    harness.host.finish("a", .cancelled(Self.failure))
    harness.host.finish("b", .cancelled(Self.failure))
    #expect(losses(harness.host) == ["cancelled a 1 1: down"])
    #expect(
      attempts(harness.host, .runCancelled) == [.init(1, isFinal: true), .init(1, isFinal: false)])
  }

  @Test func `a run whose job was removed meanwhile is given up`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", hour)])
    harness.run(until: hour)
    harness.install([])
    harness.finish("a", .failed(Self.failure))
    #expect(losses(harness) == ["failed a 1 1: down"])
  }

  @Test func `a run that a crash cut off is given up at the next start, and calls on_failure`() {
    let harness = StoreHarness()
    let jobs = [
      TestJob.every("a", hour, JobPolicy(catchup: Catchup.none, hooks: .failure)),
      .every("b", hour, JobPolicy(catchup: Catchup.none, restart: true)),
    ]
    for job in ["a", "b"] { harness.host.durations[job] = .max }
    harness.host.install(jobs)
    harness.host.handle(.loaded())
    harness.host.run(until: hour)
    harness.restart(after: second)
    harness.host.install(jobs)
    #expect(losses(harness.host) == ["abandoned a 1 1: the host ended while it ran"])
    #expect(
      attempts(harness.host, .runAbandoned) == [.init(1, isFinal: true), .init(1, isFinal: false)])
    #expect(harness.host.hooks.map { $0.extras?.content.hook?.which } == [.failure])
    harness.host.finishHooks()
  }

  @Test func `a run that is dead after three crashes is given up once, and calls on_failure`() {
    let harness = StoreHarness()
    let job = TestJob.every(
      "a", hour, JobPolicy(catchup: Catchup.none, restart: true, hooks: .failure))
    harness.host.durations["a"] = .max
    harness.host.install([job])
    harness.host.handle(.loaded())
    harness.host.run(until: hour)
    var all: [String] = []
    for _ in 1...4 {
      harness.restart(after: second)
      harness.host.install([job])
      harness.host.handle(.loaded())
      all += losses(harness.host)
      if !harness.host.hooks.isEmpty {
        #expect(all.count == 1)
        harness.host.finishHooks()
      }
    }
    #expect(
      all == ["dead a 1 1: cut off 3 times in a row; it is kept, but not started again"])
  }

  @Test func `an eviction that kills a run for the third time gives it up once`() {
    let harness = StoreHarness()
    harness.host.durations["a"] = .max
    harness.host.install([.every("a", hour, JobPolicy(restart: true))])
    harness.host.run(until: hour)
    for _ in 1...3 { harness.host.finish("a", .abandoned(Self.failure)) }
    #expect(harness.host.active.isEmpty)
    #expect(losses(harness.host).map { $0.prefix(10) } == ["dead a 1 1"])
    #expect(
      attempts(harness.host, .runAbandoned).map { $0?.isFinal } == [false, false, true, true])
  }

  @Test func `a misfire is a loss`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([
      .every("a", 10 * second, JobPolicy(overlap: .queue, backlog: 5, grace: 2 * second))
    ])
    harness.run(until: 20 * second)
    harness.jump(to: 25 * second)
    harness.finish("a")
    #expect(
      losses(harness) == ["missed a 1: it would have started 5s late, and its grace is 2s"])
  }

  @Test(arguments: [
    ("cron 0 * * * *", JobPolicy(), false, ["missed a 3: the host was down"]),
    ("cron 0 * * * *", JobPolicy(catchup: Catchup.none), true, []),
    ("cron 0 * * * *", JobPolicy(), true, []),
    ("every 1h", JobPolicy(), false, []),
    (
      "every 1h", JobPolicy(catchup: .all, catchupLimit: 1), true,
      ["missed a 2: the host was down, and catchup_limit is 1"]
    ),
  ])
  func `a missed fire is a loss if no run stands for it and its time does not come again`(
    spec: String, policy: JobPolicy, isNamed: Bool, expected: [String]
  ) throws {
    let harness = StoreHarness()
    var job = try TestJob.spec("a", spec, policy)
    job.isNamed = isNamed
    harness.host.install([job])
    harness.host.handle(.loaded())
    harness.host.run(until: second)
    harness.restart(after: 3 * hour + second)
    harness.host.install([job])
    #expect(losses(harness.host) == expected)
  }

  @Test func `what a pause leaves out is not a loss`() throws {
    let harness = CoreHarness()
    harness.install([try .spec("a", "cron 0 * * * *", JobPolicy())])
    harness.command("a", .pause(reason: nil))
    harness.run(until: 3 * hour)
    harness.command("a", .resume)
    #expect(harness.count(.runMissed) == 1)
    #expect(losses(harness).isEmpty)
  }
}
