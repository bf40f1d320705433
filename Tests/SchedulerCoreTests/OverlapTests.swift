import Testing

@testable import MoonwheelModel
@testable import SchedulerCore

@Suite struct OverlapTests {
  /// A job every second whose runs take `milliseconds`. A timeline has a character for each second.
  @Test(arguments: [
    ("skip", JobPolicy(), 2500, ".SxxSxxSxx"),
    ("skip, just done", JobPolicy(), 1000, ".SSSSSSSSS"),
    ("queue of 1", JobPolicy(overlap: .queue, backlog: 1), 2500, ".S.(xS).xSx(xS)."),
    ("queue of 2", JobPolicy(overlap: .queue, backlog: 2), 4000, ".S..xSxxxS"),
    ("allow 2", JobPolicy(overlap: .allow, maxInstances: 2), 2500, ".SSxSSxSSx"),
    ("allow 1", JobPolicy(overlap: .allow, maxInstances: 1), 2500, ".SxxSxxSxx"),
    ("allow 9", JobPolicy(overlap: .allow, maxInstances: 9), 2500, ".SSSSSSSSS"),
  ])
  func `overlap decides about a fire that meets a run`(
    name: String, policy: JobPolicy, milliseconds: Int64, expected: String
  ) {
    let harness = CoreHarness()
    harness.durations["a"] = milliseconds * millisecond
    harness.install([.every("a", second, policy)])
    harness.run(until: 9 * second + 999 * millisecond)
    #expect(harness.timeline("a", until: 9 * second) == expected)
    #expect(harness.starts.map(\.due) == harness.starts.map(\.due).sorted())
  }

  @Test(arguments: [
    (JobPolicy(), "a: the previous run is still going"),
    (
      JobPolicy(overlap: .queue, backlog: 2),
      "a: the previous run is still going, and the backlog is full (2)"
    ),
    (JobPolicy(overlap: .allow, maxInstances: 3), "a: 3 runs are still going"),
  ])
  func `a skipped fire has a reason`(policy: JobPolicy, reason: String) {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", second, policy)])
    harness.run(until: 4 * second)
    #expect(harness.reasons(.runSkipped).last == reason)
  }

  @Test func `waiting fires start in order when the previous run ends`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", second, JobPolicy(overlap: .queue, backlog: 3))])
    #expect(!harness.wantsReports)
    harness.run(until: 5 * second)
    #expect(harness.starts.map(\.due) == [second])
    #expect(harness.status("a")?.waiting == 3)
    for due in 2...4 as ClosedRange<Int64> {
      harness.finish("a")
      #expect(harness.starts.last?.due == due * second)
    }
    #expect(harness.status("a")?.waiting == 0)
  }

  @Test func `a replaced run is interrupted, and the latest fire runs after it`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", second, JobPolicy(overlap: .replace))])
    harness.run(until: 2 * second)
    let pending = harness.trigger("a")
    harness.run(until: 4 * second)
    #expect(harness.cancels.count == 3)
    #expect(
      harness.reasons(.runSkipped)
        == ["a: a later fire replaced it", "a: a later fire replaced it"])
    #expect(harness.status("a")?.waiting == 2)
    harness.finish("a", .cancelled(RunFailure(message: "replaced")))
    #expect(harness.starts.last?.run == pending)
    harness.finish("a")
    #expect(harness.starts.map(\.due) == [second, 2 * second, 4 * second])
    #expect(harness.count(.runCancelled) == 1)
  }

  @Test func `the core wants reports while something depends on them`() {
    let harness = CoreHarness()
    harness.handle(.interest(.none, listensToRuns: false))
    harness.durations["a"] = .max
    harness.install([.every("a", second, JobPolicy(overlap: .queue, backlog: 3))])
    harness.run(until: second)
    #expect(!harness.wantsReports, "nothing waits")
    harness.run(until: 2 * second)
    #expect(harness.wantsReports, "a fire waits")
    harness.finish("a")
    #expect(!harness.wantsReports)
    harness.handle(.interest(.none, listensToRuns: true))
    #expect(harness.wantsReports, "somebody handles run.failed")
    harness.handle(.interest(.none, listensToRuns: false))
    #expect(!harness.wantsReports)
    harness.install([])
    #expect(harness.wantsReports, "the old generation waits for its last run")
    harness.finish("a")
    #expect(!harness.wantsReports)
  }

  @Test func `jobs that are due at once start by priority, then in order`() {
    let harness = CoreHarness()
    harness.install([
      .every("a", second), .every("low", second, JobPolicy(priority: -1)),
      .every("high", second, JobPolicy(priority: 5)), .every("b", second),
      .every("high too", second, JobPolicy(priority: 5)),
    ])
    harness.run(until: 2 * second)
    let order = ["high", "high too", "a", "b", "low"]
    #expect(harness.starts.map(\.job) == order + order)
  }
}
