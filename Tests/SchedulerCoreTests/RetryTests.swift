import Testing
import Triggers

@testable import MoonwheelModel
@testable import SchedulerCore

@Suite struct RetryTests {
  private static let failure = Run.Outcome.failed(RunFailure(message: "down"))

  @Test func `a run that fails is tried again after a growing delay, as often as it may`() throws {
    let harness = StoreHarness()
    harness.host.durations["a"] = .max
    let retry = RetryPolicy(max: 3, from: second, to: 3 * second, factor: 2, jitter: 0)
    harness.host.install([.every("a", hour, JobPolicy(retry: retry))])
    harness.host.run(until: hour)
    for delay in [1, 2, 3] as [Int64] {
      harness.host.finish("a", Self.failure)
      let before = harness.host.now
      harness.host.run(until: before + delay * second)
      #expect(harness.host.starts.last?.at == before + delay * second)
    }
    harness.host.finish("a", Self.failure)
    #expect(Set(harness.host.starts.map(\.run)).count == 1, "it keeps its id")
    #expect(harness.host.starts.map(\.attempt) == [1, 2, 3, 4])
    #expect(harness.host.starts.allSatisfy { $0.due == hour })
    #expect(harness.host.count(.runRetrying) == 3)
    #expect(harness.host.count(.runFailed) == 4)
    harness.host.run(until: 2 * hour - 1)
    #expect(harness.host.starts.count == 4)
    #expect(try harness.runs("a").map(\.attempt) == [1, 2, 3, 4])
    #expect(try harness.pendingRuns("a").isEmpty)
  }

  @Test(arguments: [
    Run.Outcome.timedOut(RunFailure(message: "")), .dropped(RunFailure(message: "")),
    .evicted(RunFailure(message: "")),
  ])
  func `a run that the host ended is tried again`(outcome: Run.Outcome) {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", hour, JobPolicy(retry: RetryPolicy(max: 1, jitter: 0)))])
    harness.run(until: hour)
    harness.finish("a", outcome)
    harness.run(until: hour + second)
    #expect(harness.starts.count == 2)
  }

  @Test func `a run whose error refuses a retry is not tried again`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", hour, JobPolicy(retry: RetryPolicy(max: 1)))])
    harness.run(until: hour)
    harness.finish("a", Self.failure, details: RunEndDetails(refusesRetry: true))
    harness.run(until: hour + 60 * second)
    #expect(harness.starts.count == 1)
  }

  @Test func `a run can ask to be tried again without a policy`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", hour)])
    harness.run(until: hour)
    harness.finish("a", Self.failure, details: RunEndDetails(retryAfter: 60 * second))
    harness.run(until: hour + 60 * second)
    #expect(harness.starts.map(\.at) == [hour, hour + 60 * second])
  }

  @Test func `a retry keeps its time across a restart`() throws {
    let harness = StoreHarness()
    let job = TestJob.every(
      "a", hour, JobPolicy(retry: RetryPolicy(max: 2, from: 100 * second, jitter: 0)))
    harness.host.durations["a"] = .max
    harness.host.install([job])
    harness.host.handle(.loaded())
    harness.host.run(until: hour)
    let run = harness.host.starts[0].run
    harness.host.finish("a", Self.failure)
    harness.restart(after: 10 * second)
    harness.host.install([job])
    harness.host.run(until: hour + 100 * second)
    #expect(harness.host.starts.map(\.run) == [run])
    #expect(harness.host.starts.map(\.attempt) == [2])
    #expect(harness.host.starts.map(\.at) == [hour + 100 * second])
  }

  @Test func `a retry gets the event of the first attempt`() throws {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([
      try .on("a", "x", JobPolicy(overlap: .queue, backlog: 9, retry: RetryPolicy(max: 1)))
    ])
    harness.emit("x")
    harness.finish("a", Self.failure)
    harness.run(until: 10 * second)
    #expect(harness.starts.map(\.payload) == ["x", "x"])
  }

  @Test func `each end of a run starts its hook`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    let policy = JobPolicy(
      retry: RetryPolicy(max: 1, jitter: 0), hooks: [.success, .failure, .retry])
    harness.install([.every("a", hour, policy)])
    harness.run(until: hour)
    harness.finish("a", Self.failure)
    harness.run(until: hour + second)
    harness.finish("a", Self.failure)
    harness.run(until: 2 * hour)
    harness.finish("a", .succeeded("fine"))
    let hooks = harness.hooks.compactMap { $0.extras?.content.hook }
    #expect(hooks.map(\.which) == [.retry, .failure, .success])
    #expect(hooks.last?.value == "fine")
    #expect(hooks.first?.value["message"] == "down")
    harness.finishHooks()
    #expect(harness.isIdle)
  }

  @Test func `delays grow to their bound, and jitter adds to them`() {
    let policy = RetryPolicy(max: 100, from: second, to: 60 * second, factor: 3, jitter: 0.5)
    let run: Int64 = 7
    for attempt in 1...100 as ClosedRange<Int32> {
      var withoutJitter = policy
      withoutJitter.jitter = 0
      let least = withoutJitter.delay(after: attempt, ofRun: run, of: "a")
      #expect(least == (attempt < 5 ? [1, 3, 9, 27][Int(attempt) - 1] : 60) * second)
      let delay = policy.delay(after: attempt, ofRun: run, of: "a")
      #expect(delay >= least && delay <= least + least / 2)
      #expect(delay == policy.delay(after: attempt, ofRun: run, of: "a"))
      #expect(delay != policy.delay(after: attempt, ofRun: run + 1, of: "a"))
    }
  }
}

@Suite struct GraceTests {
  @Test func `a fire that would start too late is a misfire and does not run`() throws {
    let harness = StoreHarness()
    let policy = JobPolicy(
      overlap: .queue, backlog: 5, grace: 2 * second, hooks: .missed)
    harness.host.durations["a"] = .max
    harness.host.install([.every("a", 10 * second, policy)])
    harness.host.run(until: 20 * second)
    harness.host.jump(to: 25 * second)
    harness.host.finish("a")
    #expect(harness.host.starts.map(\.due) == [10 * second])
    #expect(
      try harness.decisions("a") == [
        "misfired 1: it would have started 5s late, and its grace is 2s"
      ])
    #expect(harness.host.hooks.map { $0.extras?.content.hook?.which } == [.missed])
    harness.host.finishHooks()
  }

  @Test func `a worker that is too late reports a misfire`() throws {
    let harness = StoreHarness()
    harness.host.durations["a"] = .max
    harness.host.install([.every("a", 10 * second, JobPolicy(grace: second))])
    harness.host.run(until: 10 * second)
    let latest = harness.host.active[0].dispatch.extras?.content.latest
    #expect(latest == CoreHarness.epoch.advanced(by: 11 * second))
    harness.host.finish("a", .misfired(late: 3 * second))
    #expect(harness.host.count(.runMissed) == 1)
    #expect(try harness.decisions("a").count == 1)
  }

  @Test func `the grace also holds for catch-up`() {
    let harness = StoreHarness()
    let job = TestJob.every("a", hour, JobPolicy(grace: 60 * second, catchup: .latest))
    harness.host.install([job])
    harness.host.handle(.loaded())
    harness.restart(after: hour + 600 * second)
    harness.host.install([job])
    #expect(harness.host.starts.isEmpty)
    #expect(harness.host.count(.runMissed) == 1)
  }
}

@Suite struct GatherTests {
  @Test func `debounce collects events until none comes or the batch is full`() throws {
    let harness = CoreHarness()
    let policy = JobPolicy(overlap: .queue, backlog: 100, debounce: second, batch: 3)
    harness.install([try .on("a", "x", policy)])
    harness.emit("x")
    harness.run(until: 500 * millisecond)
    harness.emit("x")
    harness.run(until: 1_400 * millisecond)
    #expect(harness.starts.isEmpty)
    harness.run(until: 2 * second)
    #expect(harness.starts.map(\.payload) == [["x", "x"]])
    for _ in 1...3 { harness.emit("x") }
    #expect(harness.starts.map(\.payload).last == ["x", "x", "x"])
    harness.run(until: 9 * second)
    #expect(harness.starts.count == 2)
    #expect(harness.dequeued.count == 5)
  }

  @Test func `a batch takes the waiting events`() throws {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([try .on("a", "x", JobPolicy(overlap: .queue, backlog: 100, batch: 4))])
    for _ in 1...8 { harness.emit("x") }
    harness.finish("a")
    harness.finish("a")
    harness.finish("a")
    #expect(harness.starts.map(\.payload) == [["x"], ["x", "x", "x", "x"], ["x", "x", "x"]])
  }
}

@Suite struct RecordTests {
  @Test func `the runs of a busy job are summed up beyond the record budget`() throws {
    let harness = StoreHarness()
    harness.host.install([.every("a", 10 * millisecond)])
    harness.host.run(until: 20 * second)
    harness.host.handle(.drain)
    let runs = try harness.runs("a")
    let sums = try harness.store.summaries(RunQuery(name: "a"))
    #expect((60...100).contains(runs.count), "\(runs.count)")
    #expect(runs.count + sums.reduce(0) { $0 + Int($1.count) } == 2_000)
    #expect(runs.map(\.number) == Array(1...Int64(60)) + runs.dropFirst(60).map(\.number))
    #expect(sums.count == 1)
  }

  @Test func `a failure is recorded although the record budget is used up`() throws {
    let harness = StoreHarness()
    harness.host.durations["a"] = .max
    harness.host.install([.every("a", 10 * millisecond)])
    for step in 1...200 as ClosedRange<Int64> {
      harness.host.run(until: step * 10 * millisecond)
      harness.host.finish(
        "a", step % 50 == 0 ? .failed(RunFailure(message: "\(step)")) : .succeeded(.nil))
    }
    let failed = try harness.store.runs(RunQuery(name: "a", statuses: [.failed]))
    #expect(failed.compactMap { $0.failure?.message } == ["200", "150", "100", "50"])
  }

  @Test func `equal decisions share a record with a count`() throws {
    let harness = StoreHarness()
    harness.host.durations["a"] = .max
    harness.host.install([.every("a", second)])
    harness.host.run(until: 1_000 * second)
    harness.host.handle(.drain)
    #expect(try harness.decisions("a") == ["skipped 999: the previous run is still going"])
    let decision = try harness.store.decisions(RunQuery(name: "a"))[0]
    #expect(decision.run == harness.host.starts[0].run)
    #expect(decision.through == CoreHarness.epoch.advanced(by: 1_000 * second))
  }

  @Test func `reasons that alternate at a high rate are summed up, too`() throws {
    let harness = StoreHarness()
    harness.host.durations["a"] = .max
    harness.host.install([.every("a", 10 * millisecond)])
    var fires = 0
    // Every other step passes three fires at once: two are missed, and one is skipped.
    for step in 1...2_000 {
      fires += step.isMultiple(of: 2) ? 3 : 1
      harness.host.jump(to: Int64(fires) * 10 * millisecond)
    }
    harness.host.handle(.drain)
    let decisions = try harness.store.decisions(RunQuery(name: "a", limit: 1_000))
    // The burst of 60 and one a second, and for each kind the record whose count grows.
    #expect(decisions.count <= 60 + fires / 100 + 2, "\(decisions.count)")
    #expect(Set(decisions.map(\.kind)) == [.skipped, .missed])
    #expect(decisions.reduce(0) { $0 + $1.count } == Int64(fires - 1))
  }

  @Test(arguments: [
    (Int64.max, Int64.max, 1.0, 1.0), (.max - 1, .max, 1_000, 1),
    (9_158_400_000_000_000_000, .max, 1, 1),
    (1, .max, 1_000, 0), (second, .max - 511, 1_000, 0.5),
  ])
  func `the longest delays do not overflow`(
    from: Int64, to: Int64, factor: Double, jitter: Double
  ) {
    let retry = RetryPolicy(max: 1_000_000, from: from, to: to, factor: factor, jitter: jitter)
    for attempt in [1, 2, 30, 4_096, Int32.max] {
      #expect(retry.delay(after: attempt, ofRun: 7, of: "a") >= from)
    }
  }
}
