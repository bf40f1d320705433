import Testing

@testable import MoonwheelModel
@testable import SchedulerCore

@Suite struct FixedDelayTests {
  @Test(arguments: [
    (0, ".SSSSSSSSS"), (500 * millisecond, ".S.S.S.S.S"), (second, ".S.S.S.S.S"),
    (2 * second, ".S..S..S..S"),
  ])
  func `the period counts from the end of a run`(duration: Int64, expected: String) {
    let harness = CoreHarness()
    harness.durations["a"] = duration
    harness.install([.every("a", second, JobPolicy(fixedDelay: true))])
    harness.run(until: Int64(expected.count - 1) * second)
    if duration % second == 0 {
      #expect(harness.timeline("a", until: Int64(expected.count - 1) * second) == expected)
    } else {
      #expect(harness.starts.map(\.due) == (0..<6).map { second + $0 * 3 * second / 2 })
    }
  }

  @Test func `the core wants the report of a run with a fixed delay at once`() {
    let harness = CoreHarness()
    harness.handle(.interest(.none, listensToRuns: false))
    harness.durations["a"] = .max
    harness.install([.every("a", second, JobPolicy(fixedDelay: true))])
    #expect(!harness.wantsReports)
    harness.run(until: second)
    #expect(harness.deadline == nil)
    #expect(harness.wantsReports)
    harness.finish("a")
    #expect(!harness.wantsReports)
    #expect(harness.deadline == 2 * second)
  }

  @Test func `the delay also counts from a first run by the option now`() {
    let harness = CoreHarness()
    harness.durations["a"] = 1500 * millisecond
    harness.install([.every("a", second, JobPolicy(fixedDelay: true, now: true))])
    harness.run(until: 5 * second)
    #expect(harness.starts.map(\.due) == [0, 2500 * millisecond, 5 * second])
    #expect(harness.count(.runSkipped) == 0)
  }

  @Test func `a waiting run delays the next fire further`() {
    let harness = CoreHarness()
    harness.durations["a"] = 3 * second
    harness.install([.every("a", second, JobPolicy(fixedDelay: true))])
    harness.run(until: second)
    #expect(harness.trigger("a") != nil)
    harness.run(until: 8 * second)
    #expect(harness.starts.map(\.at) == [second, 4 * second, 8 * second])
    #expect(harness.count(.runSkipped) == 0)
  }

  @Test func `pause and resume during a run do not add a fire`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", second, JobPolicy(fixedDelay: true))])
    harness.run(until: second)
    harness.command("a", .pause(reason: nil))
    harness.command("a", .resume)
    harness.run(until: 5 * second)
    #expect(harness.starts.count == 1)
    #expect(harness.count(.runSkipped) == 0)
    harness.finish("a")
    harness.run(until: 6 * second)
    #expect(harness.starts.map(\.at) == [second, 6 * second])
  }

  @Test func `a paused script stays paused when the run ends`() {
    let harness = CoreHarness()
    harness.durations["a"] = 2 * second
    harness.install([.every("a", second, JobPolicy(fixedDelay: true))])
    harness.run(until: second)
    harness.handle(.pauseScript(CoreHarness.script, true))
    harness.run(until: 10 * second)
    #expect(harness.starts.count == 1)
    harness.handle(.pauseScript(CoreHarness.script, false))
    harness.run(until: 11 * second)
    #expect(harness.starts.count == 2)
  }

  @Test func `a reload can add the option without starting the job over`() {
    let harness = CoreHarness()
    harness.durations["a"] = 1500 * millisecond
    harness.install([.every("a", second)])
    harness.run(until: second)
    harness.install([.every("a", second, JobPolicy(fixedDelay: true))])
    harness.run(until: 4 * second)
    #expect(harness.starts.map(\.at) == [second, 3500 * millisecond])
    harness.install([.every("a", second)])
    harness.run(until: 6 * second)
    #expect(harness.starts.map(\.at) == [second, 3500 * millisecond, 5 * second])
    #expect(harness.starts.map(\.number) == [1, 2, 3])
  }
}
