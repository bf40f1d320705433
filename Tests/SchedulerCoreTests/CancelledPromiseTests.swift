import SystemCalls
import Testing
import TimerWheel
import Triggers

@testable import MoonwheelModel
@testable import SchedulerCore

/// What becomes of the promises of a job that is cancelled.
@Suite struct CancelledPromiseTests {
  private static let reason = "it was promised, and the job was cancelled"

  private func later(_ host: CoreHarness, _ delay: Int64) -> Run.ID? {
    guard case .run(let run) = host.command("a", .enqueue(.nil, at: .after(delay))) else {
      Issue.record("refused")
      return nil
    }
    return run
  }

  @Test func `they end with the job, each with a decision, and none runs`() throws {
    let harness = StoreHarness()
    harness.host.durations["a"] = .max
    harness.host.install([.onDemand("a")])
    let first = harness.host.trigger("a")
    let runs = [
      harness.host.trigger("a"), later(harness.host, hour), later(harness.host, 2 * hour),
    ]
    harness.host.command("a", .cancel(by: nil, reason: "sold"))
    #expect(harness.host.cancels.count == 1, "the run under way is interrupted")
    harness.host.finish("a", .cancelled(RunFailure(message: "the job was cancelled")))
    harness.host.run(until: 3 * hour)
    #expect(harness.host.starts.map(\.run) == [first])
    #expect(try harness.pendingRuns("a").isEmpty)
    let decisions = try harness.store.decisions(RunQuery(name: "a")).reversed()
    #expect(decisions.map(\.run) == runs)
    #expect(decisions.allSatisfy { $0.kind == .dropped && $0.reason == Self.reason })
    #expect(harness.host.count(.runGivenUp) == 0)
    #expect(harness.host.reasons(.jobFinished) == ["a: cancelled: sold"])
    #expect(harness.host.status("a")?.reason == "sold")
  }

  @Test func `the promises of a job are found without a look at those of others`() {
    var delays = DelayTable()
    var wheel = TimerWheel(now: Tick(0), reservingCapacity: 0)
    let script = ScriptID(rawValue: 1)
    for number in 1...5_000 as ClosedRange<UInt64> {
      delays.insert(
        PendingRun(
          run: Run.ID(rawValue: number), job: StoreKey(rawValue: 1), kind: .promise,
          scheduledAt: .distantPast, dueAt: .distantPast), of: script, named: "a",
        deadline: Tick(100), into: &wheel)
    }
    let begun = Clocks.threadCPU()
    for number in 1...5_000 {
      #expect(delays.removeAll(of: script, "job \(number)", in: &wheel).isEmpty)
    }
    #expect(Clocks.threadCPU() - begun < 1_000_000_000)
    #expect(delays.removeAll(of: script, "a", in: &wheel).map(\.run.rawValue) == Array(1...5_000))
    #expect(delays.count == 0)
  }

  @Test func `a run that returns cancel ends them as well`() throws {
    let harness = StoreHarness()
    harness.host.durations["a"] = .max
    harness.host.install([.onDemand("a")])
    _ = harness.host.trigger("a")
    _ = later(harness.host, hour)
    harness.host.finish("a", .cancelledJob)
    harness.host.run(until: 2 * hour)
    #expect(harness.host.starts.count == 1)
    #expect(try harness.pendingRuns("a").isEmpty)
  }

  @Test func `a cancelled job takes no promise until it is resumed`() {
    let harness = CoreHarness()
    harness.install([.onDemand("a")])
    harness.command("a", .cancel(by: nil))
    guard case .refused(let reason, let code) = harness.command("a", .enqueue(.nil, at: .now))
    else {
      Issue.record("accepted")
      return
    }
    #expect(code == "cancelled" && reason.contains("resume()"))
    harness.command("a", .resume)
    #expect(harness.trigger("a") != nil)
  }

  @Test func `many of them share decisions`() throws {
    let harness = StoreHarness()
    harness.host.durations["a"] = .max
    harness.host.install([.onDemand("a")])
    for _ in 1...1_000 { _ = later(harness.host, hour) }
    harness.host.command("a", .cancel(by: nil))
    let decisions = try harness.store.decisions(RunQuery(name: "a", limit: 1_000))
    #expect(decisions.count == 21)
    #expect(decisions.reduce(0) { $0 + $1.count } == 1_000)
    #expect(try harness.pendingRuns("a").isEmpty)
  }

  @Test func `a promise that the store acknowledges after the cancel ends too`() {
    let harness = StoreHarness()
    harness.host.install([.onDemand("a")])
    harness.host.commit = nil  // the store has not answered yet
    for command in [JobCommand.enqueue(.nil, at: .after(hour)), .cancel(by: nil)] {
      harness.host.handle(.named(CoreHarness.script, name: "a", command, request: 0))
    }
    harness.host.handle(.stored(tickets: Array(1...9), failure: nil))
    harness.host.run(until: 2 * hour)
    #expect(harness.host.starts.isEmpty)
  }

  @Test func `promises of a job that was cancelled before a crash do not run after it`() throws {
    let harness = StoreHarness()
    harness.host.durations["a"] = .max
    harness.host.install([.onDemand("a")])
    _ = harness.host.trigger("a")
    // An older host left the promises of a cancelled job in the store.
    let row = try #require(try harness.job("a"))
    try harness.store.commit(
      [
        .status(
          row.key, .cancelled, reason: nil, due: nil, since: CoreHarness.epoch)
      ], isDurable: true)
    harness.restart(after: second)
    harness.host.install([.onDemand("a")])
    harness.host.run(until: hour)
    #expect(harness.host.starts.isEmpty)
    #expect(try harness.pendingRuns("a").isEmpty)
  }
}

/// `job.held`: a load tells of jobs that somebody holds back, although their script has them.
@Suite struct HeldJobTests {
  private func held(_ host: CoreHarness) -> [String] {
    host.events.map(\.event).filter { $0.kind == .jobHeld }.map { event in
      let since = event.scheduledAt.map { CoreHarness.epoch.distance(to: $0) / second } ?? -1
      return "\(event.job) \(event.status ?? "") \(since) \(event.reason ?? "") \(event.count)"
    }
  }

  @Test func `each load tells of it, with since when and why, over edits and restarts`() throws {
    let harness = StoreHarness()
    let jobs = [TestJob.every("a", hour), .every("b", hour), .every("c", hour), .every("d", hour)]
    harness.host.durations["d"] = .max
    harness.host.install(jobs)
    #expect(held(harness.host).isEmpty)
    harness.host.run(until: 5 * second)
    harness.host.command("a", .pause(reason: "the list is closed"))
    harness.host.run(until: 6 * second)
    harness.host.command("b", .cancel(by: nil))
    harness.host.run(until: hour)
    harness.host.finish("d", .cancelledJob)
    let expected = [
      "a paused 5 the list is closed 1", "b cancelled 6 by a call of cancel 1",
      "d cancelled 3600 its run returned cancel 1",
    ]
    harness.host.install(jobs)
    #expect(held(harness.host) == expected)
    harness.host.handle(.loaded())
    for _ in 1...2 {
      harness.restart(after: hour)
      harness.host.install(jobs)
      #expect(held(harness.host) == expected)
    }
    harness.host.command("a", .resume)
    harness.host.command("b", .resume)
    harness.host.command("d", .resume)
    let before = held(harness.host).count
    harness.host.install(jobs)
    #expect(held(harness.host).count == before)
  }

  @Test func `the option paused holds nothing back, and a new trigger ends a hold`() {
    let harness = CoreHarness()
    harness.install([.every("a", hour, JobPolicy(paused: true)), .every("b", hour)])
    harness.command("b", .cancel(by: nil))
    harness.install([.every("a", hour, JobPolicy(paused: true)), .every("b", 2 * hour)])
    #expect(held(harness).isEmpty)
  }

  @Test func `of many jobs some are told one by one`() {
    let harness = CoreHarness()
    let jobs = (0..<1_000).map { TestJob.every("j\($0)", hour) }
    harness.install(jobs)
    for job in jobs { harness.command(job.name, .cancel(by: nil)) }
    harness.install(jobs)
    #expect(held(harness).count == 11)
    #expect(held(harness).last?.hasSuffix(" 990") == true)
  }
}
