import Testing
import Triggers

@testable import MoonwheelModel
@testable import SchedulerCore

@Suite struct RestartTests {
  @Test func `a period keeps its phase across a restart`() throws {
    let harness = StoreHarness()
    harness.host.install([.every("a", 10 * second)])
    harness.host.handle(.loaded())
    harness.host.run(until: 25 * second)
    harness.restart(after: 3 * second)
    harness.host.install([.every("a", 10 * second)])
    harness.host.handle(.loaded())
    harness.host.run(until: 45 * second)
    #expect(harness.host.starts.map(\.due) == [30 * second, 40 * second])
    #expect(harness.host.starts.map(\.number) == [3, 4])
  }

  /// The job fires every 10 s, and the host is down from 25 s to 58 s.
  @Test(arguments: [
    (Catchup.none, [60] as [Int64], ["missed 3: the host was down"]),
    (.latest, [50, 60], ["coalesced 2: the host was down; run"]),
    (.all, [30, 40, 50, 60], []),
  ])
  func `the catch-up policy decides about fires missed during downtime`(
    catchup: Catchup, due: [Int64], decisions: [String]
  ) throws {
    let harness = StoreHarness()
    let job = TestJob.every("a", 10 * second, JobPolicy(catchup: catchup))
    harness.host.install([job])
    harness.host.handle(.loaded())
    harness.host.run(until: 25 * second)
    harness.restart(after: 33 * second)
    harness.host.install([job])
    harness.host.handle(.loaded())
    harness.host.run(until: 60 * second)
    #expect(harness.host.starts.map(\.due) == due.map { $0 * second })
    let made = try harness.decisions("a")
    #expect(made.count == decisions.count, "\(made)")
    for (made, wanted) in zip(made, decisions) { #expect(made.hasPrefix(wanted), "\(made)") }
  }

  @Test func `a named job catches up with its latest fire, a job without a name with none`() {
    let harness = StoreHarness()
    let jobs = [TestJob.every("a", 10 * second), TestJob.unnamed("every 10s", 10 * second)]
    harness.host.install(jobs)
    harness.host.handle(.loaded())
    harness.host.run(until: 15 * second)
    harness.restart(after: 20 * second)
    harness.host.install(jobs)
    #expect(harness.host.starts.map(\.job) == ["a"])
    #expect(harness.host.starts.map(\.due) == [30 * second])
  }

  @Test func `the newest missed fires run up to the limit, oldest first`() throws {
    let harness = StoreHarness()
    let job = TestJob.every("a", second, JobPolicy(catchup: .all, catchupLimit: 4))
    harness.host.durations["a"] = .max
    harness.host.install([job])
    harness.host.handle(.loaded())
    harness.restart(after: 10 * second + 500 * millisecond)
    harness.host.install([job])
    for _ in 1...4 { harness.host.finish("a") }
    #expect(harness.host.starts.map(\.due) == [7, 8, 9, 10].map { $0 * second })
    #expect(
      try harness.decisions("a").first == "missed 6: the host was down, and catchup_limit is 4")
  }

  @Test func `a fire that was handled just before the crash does not run again`() {
    let harness = StoreHarness()
    harness.host.install([.every("a", 10 * second)])
    harness.host.handle(.loaded())
    harness.host.run(until: 20 * second)
    harness.restart(after: second)
    harness.host.install([.every("a", 10 * second)])
    #expect(harness.host.starts.isEmpty)
  }

  @Test func `a one-shot that came due during downtime runs late or is missed`() throws {
    for catchup in [Catchup.latest, .none] {
      let harness = StoreHarness()
      let job = try TestJob.spec(
        "a", "at \(CoreHarness.epoch.advanced(by: 30 * second).iso(in: .utc))",
        JobPolicy(catchup: catchup))
      harness.host.install([job])
      harness.host.handle(.loaded())
      harness.restart(after: 40 * second)
      harness.host.install([job])
      harness.host.handle(.loaded())
      #expect(harness.host.starts.count == (catchup == .none ? 0 : 1))
      #expect(harness.host.status("a")?.state == .finished)
      harness.restart(after: second)
      harness.host.install([job])
      #expect(harness.host.starts.isEmpty, "it fires only once")
      #expect(harness.host.reasons(.runMissed).isEmpty)
      #expect(
        try harness.decisions("a") == (catchup == .none ? ["missed 1: the host was down"] : []))
    }
  }

  @Test func `a pause survives with its reason, until the trigger changes`() throws {
    let harness = StoreHarness()
    harness.host.install([.every("a", second)])
    harness.host.command("a", .pause(reason: "by hand"))
    harness.restart(after: 5 * second)
    harness.host.install([.every("a", second)])
    harness.host.run(until: 10 * second)
    #expect(harness.host.starts.isEmpty)
    #expect(harness.host.status("a")?.reason == "by hand")
    harness.host.command("a", .resume)
    #expect(harness.host.starts.map(\.due) == [10 * second], "one run for what was missed")
    harness.host.command("a", .pause(reason: nil))
    harness.restart()
    harness.host.install([.every("a", 2 * second)])
    harness.host.run(until: 12 * second)
    #expect(harness.host.starts.map(\.due) == [12 * second])
  }

  @Test func `a cancelled job stays cancelled`() {
    let harness = StoreHarness()
    harness.host.install([.every("a", second)])
    harness.host.command("a", .cancel(by: nil))
    harness.restart(after: second)
    harness.host.install([.every("a", second)])
    harness.host.run(until: 5 * second)
    #expect(harness.host.starts.isEmpty)
    #expect(harness.host.status("a")?.state == .cancelled)
  }

  @Test func `pending runs survive, with their ids and arguments`() throws {
    let harness = StoreHarness()
    harness.host.durations["a"] = .max
    harness.host.install([.onDemand("a")])
    let runs = [1, 2, 3].map { harness.host.trigger("a", .integer($0)) }
    guard case .run(let later) = harness.host.command("a", .enqueue("later", at: .after(hour)))
    else {
      Issue.record("refused")
      return
    }
    harness.host.finish("a")
    harness.restart(after: second)
    harness.host.install([.onDemand("a")])
    #expect(harness.host.starts.map(\.run) == [runs[1]], "it was interrupted, and starts again")
    harness.host.finish("a")
    harness.host.finish("a")
    #expect(harness.host.starts.map(\.payload) == [2, 3])
    harness.host.run(until: 2 * hour)
    #expect(harness.host.starts.last?.run == later)
    harness.host.finish("a")
    #expect(try harness.pendingRuns("a").isEmpty)
  }

  @Test func `an interrupted run is abandoned, or starts again with the option restart`() throws {
    for restart in [nil, true] as [Bool?] {
      let harness = StoreHarness()
      let job = TestJob.every("a", hour, JobPolicy(restart: restart))
      harness.host.durations["a"] = .max
      harness.host.install([job])
      harness.host.handle(.loaded())
      harness.host.run(until: hour)
      let run = harness.host.starts[0].run
      harness.restart(after: second)
      harness.host.install([job])
      #expect(harness.host.count(.runAbandoned) == 1)
      #expect(harness.host.starts.map(\.run) == (restart == true ? [run] : []))
      #expect(try harness.runs("a").first?.status == (restart == true ? .running : .abandoned))
    }
  }

  @Test func `a pending run is dead after three crashes`() throws {
    let harness = StoreHarness()
    harness.host.durations["a"] = .max
    harness.host.install([.onDemand("a")])
    let run = harness.host.trigger("a")
    for crash in 1...3 {
      harness.restart()
      harness.host.install([.onDemand("a")])
      #expect(harness.host.starts.map(\.run) == (crash < 3 ? [run] : []))
    }
    #expect(try harness.pendingRuns("a").map(\.status) == [.dead])
    #expect(try harness.decisions("a").map { $0.prefix(6) } == ["dead 1"])
    harness.restart()
    harness.host.install([.onDemand("a")])
    #expect(harness.host.starts.isEmpty)
  }

  @Test func `a job that its script no longer has is orphaned until it comes back`() throws {
    let harness = StoreHarness()
    harness.host.install([.every("a", 10 * second), .every("b", second)])
    harness.host.handle(.loaded())
    harness.host.run(until: 15 * second)
    harness.host.install([.every("b", second)])
    #expect(try harness.job("a")?.orphanedAt != nil)
    harness.restart(after: 20 * second)
    harness.host.install([.every("b", second)])
    harness.host.handle(.loaded())
    harness.host.install([.every("a", 10 * second), .every("b", second)])
    #expect(try harness.job("a")?.orphanedAt == nil)
    harness.host.run(until: 45 * second)
    #expect(harness.host.starts.filter { $0.job == "a" }.map(\.due) == [40 * second])
  }

  /// The job fires every 10 s. Its script does not load in the host that runs from 30 s to 55 s, and another one is removed.
  @Test func `fires of a script that did not load are caught up when it loads again`() throws {
    let harness = StoreHarness()
    let job = TestJob.every("a", 10 * second, JobPolicy(catchup: .latest))
    harness.host.install([job])
    harness.host.handle(.loaded())
    harness.host.run(until: 25 * second)
    harness.restart(after: 5 * second)
    harness.host.handle(.loaded(failed: ["s\(CoreHarness.script.rawValue).lua"]))
    harness.host.run(until: 42 * second)
    harness.restart(after: 3 * second)
    harness.host.handle(.loaded(failed: ["s\(CoreHarness.script.rawValue).lua"]))
    harness.host.run(until: 55 * second)
    #expect(try harness.job("a")?.orphanedAt == nil)
    #expect(try harness.job("a")?.unloadedSince == CoreHarness.epoch.advanced(by: 20 * second))
    harness.restart(after: 3 * second)
    harness.host.install([job])
    harness.host.handle(.loaded())
    harness.host.run(until: 60 * second)
    #expect(harness.host.starts.map(\.due) == [50 * second, 60 * second])
    let made = try harness.decisions("a")
    #expect(made.first?.hasPrefix("coalesced 2: its script did not load") == true, "\(made)")
    #expect(try harness.job("a")?.unloadedSince == nil)
  }

  @Test func `a trigger that counts from the start of the host starts over`() {
    let harness = StoreHarness()
    harness.host.install([.after("a", 10 * second)])
    harness.host.run(until: 5 * second)
    harness.restart()
    harness.host.install([.after("a", 10 * second)])
    harness.host.run(until: 20 * second)
    #expect(harness.host.starts.map(\.due) == [15 * second])
    harness.restart()
    harness.host.install([.after("a", 10 * second)])
    harness.host.run(until: 40 * second)
    #expect(harness.host.starts.map(\.due) == [30 * second])
  }

  @Test func `a run gets the state, and its change is stored with the end of the run`() throws {
    let harness = StoreHarness()
    let job = TestJob.every("a", second, JobPolicy(state: ["count": 0]))
    harness.host.durations["a"] = .max
    harness.host.install([job])
    harness.host.run(until: second)
    #expect(harness.host.active[0].dispatch.extras?.content.state == ["count": 0])
    harness.host.finish("a", details: RunEndDetails(state: ["count": 1]))
    harness.restart()
    harness.host.install([job])
    harness.host.run(until: 2 * second)
    #expect(harness.host.active[0].dispatch.extras?.content.state == ["count": 1])
  }

  @Test func `a pending run that cannot be stored is refused, and a run under way still ends`()
    throws
  {
    let harness = StoreHarness()
    let job = TestJob.every("a", second, JobPolicy(state: [:]))
    harness.host.durations["a"] = .max
    harness.host.install([job])
    harness.failure = StoreError(.full, "store.db: no space is left for it; free some")
    guard case .refused(_, let code) = harness.host.command("a", .enqueue(1, at: .now)) else {
      Issue.record("accepted")
      return
    }
    #expect(code == "full")
    harness.host.run(until: second)
    harness.host.finish("a", details: RunEndDetails(state: ["count": 1]))
    harness.host.run(until: 2 * second)
    #expect(harness.host.starts.count == 2)
  }
}

extension TestJob {
  static func unnamed(_ name: String, _ period: Int64) -> TestJob {
    var job = TestJob.every(name, period)
    job.isNamed = false
    return job
  }
}
