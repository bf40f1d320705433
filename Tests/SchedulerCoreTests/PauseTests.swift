import Testing

@testable import MoonwheelModel
@testable import SchedulerCore

@Suite struct PauseTests {
  @Test func `a job keeps its phase`() {
    let harness = CoreHarness()
    harness.install([.every("a", 2 * second)])
    harness.run(until: 3 * second)
    harness.command("a", .pause(reason: nil))
    #expect(harness.status("a")?.state == .paused)
    #expect(harness.deadline == nil)
    harness.run(until: 7_700 * millisecond)
    harness.command("a", .resume)
    harness.run(until: 12 * second)
    #expect(harness.starts.map(\.due) == [2, 8, 10, 12].map { $0 * second })
    #expect(harness.starts.map(\.number) == [1, 2, 3, 4])
  }

  @Test func `a script keeps the phase of its jobs`() throws {
    let harness = CoreHarness()
    harness.install([.every("a", second), .every("b", 2 * second), try .on("c", "x")])
    harness.run(until: second)
    harness.handle(.pauseScript(CoreHarness.script, true))
    #expect(harness.status("a")?.state == .paused)
    harness.run(until: 4_500 * millisecond)
    harness.install([.every("a", second), .every("b", 3 * second), try .on("c", "x")])
    harness.run(until: 5_500 * millisecond)
    #expect(harness.starts.count == 1, "a reload does not resume it")
    harness.handle(.pauseScript(CoreHarness.script, false))
    harness.run(until: 8 * second)
    #expect(harness.timeline("a", until: 8 * second) == ".S...(mmmm)SSS")
    #expect(harness.timeline("b", each: second / 2, until: 8 * second) == "...............S.")
  }

  @Test func `a job that was paused stays paused when its script is resumed`() {
    let harness = CoreHarness()
    harness.install([.every("a", second)])
    harness.command("a", .pause(reason: nil))
    harness.handle(.pauseScript(CoreHarness.script, true))
    harness.handle(.pauseScript(CoreHarness.script, false))
    harness.run(until: 2 * second)
    #expect(harness.starts.isEmpty)
    harness.handle(.pauseScript(CoreHarness.script, true))
    harness.command("a", .resume)
    harness.run(until: 4 * second)
    #expect(harness.starts.isEmpty)
    harness.handle(.pauseScript(CoreHarness.script, false))
    harness.run(until: 5 * second)
    #expect(harness.starts.map(\.due) == [5 * second])
  }

  @Test func `a pause holds across a reload`() {
    let harness = CoreHarness()
    harness.install([.every("a", second)])
    harness.command("a", .pause(reason: nil))
    harness.install([.every("a", second, JobPolicy(priority: 3))])
    harness.run(until: 2 * second)
    #expect(harness.starts.isEmpty)
    harness.install([.every("a", 2 * second)])
    harness.run(until: 4 * second)
    #expect(harness.starts.map(\.due) == [4 * second], "until the trigger changes")
  }

  @Test func `the option paused can be changed, and the phase stays`() {
    let harness = CoreHarness()
    harness.install([.every("a", 2 * second, JobPolicy(paused: true))])
    harness.run(until: 3 * second)
    harness.install([.every("a", 2 * second)])
    harness.run(until: 5 * second)
    #expect(harness.starts.map(\.due) == [4 * second])
    harness.install([.every("a", 2 * second, JobPolicy(paused: true))])
    harness.run(until: 9 * second)
    #expect(harness.starts.count == 1)
    harness.command("a", .resume)
    harness.run(until: 10 * second)
    #expect(harness.starts.map(\.due) == [4 * second, 10 * second])
    harness.command("a", .cancel(by: nil))
    harness.install([.every("a", 2 * second)])
    harness.run(until: 13 * second)
    #expect(harness.starts.count == 2, "what is cancelled is not resumed by it")
  }

  @Test func `a one-shot that comes due during a pause is missed`() {
    let harness = CoreHarness()
    harness.install([.after("a", second), .after("b", second)])
    harness.command("a", .pause(reason: nil))
    harness.run(until: 2 * second)
    harness.command("b", .cancel(by: nil))
    harness.command("a", .resume)
    harness.command("b", .resume)
    #expect(harness.reasons(.runMissed) == ["a: it was paused"])
    #expect(harness.status("a")?.state == .finished)
    #expect(harness.status("b")?.state == .finished)
  }
}

@Suite struct CancelTests {
  @Test func `a cancel interrupts the runs under way except the one that asks`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", second)])
    harness.command("a", .cancel(by: nil))
    #expect(harness.cancels.isEmpty, "there is none")
    harness.command("a", .resume)
    harness.run(until: second)
    harness.command("a", .cancel(by: harness.starts[0].run))
    #expect(harness.cancels.map(\.except) == [harness.starts[0].run])
  }

  @Test func `a cancelled job does not fire, also after a reload, until it is resumed`() {
    let harness = CoreHarness()
    harness.install([.every("a", second)])
    harness.run(until: second)
    harness.command("a", .cancel(by: nil))
    harness.command("a", .cancel(by: nil))
    harness.install([.every("a", second)])
    harness.run(until: 3 * second)
    #expect(harness.reasons(.jobFinished) == ["a: cancelled"])
    #expect(harness.status("a")?.state == .cancelled)
    harness.command("a", .resume)
    harness.run(until: 5 * second)
    #expect(harness.starts.map(\.due) == [1, 4, 5].map { $0 * second })
  }

  @Test func `a changed trigger starts the job over`() {
    let harness = CoreHarness()
    harness.install([.every("a", second)])
    harness.command("a", .cancel(by: nil))
    harness.run(until: 500 * millisecond)
    harness.install([.every("a", 2 * second)])
    harness.run(until: 5 * second)
    #expect(harness.starts.map(\.due) == [2_500 * millisecond, 4_500 * millisecond])
    #expect(harness.starts.map(\.number) == [1, 2])
  }

  @Test func `return cancel ends the job, and what waits ends with it`() {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    harness.install([.every("a", second, JobPolicy(overlap: .queue, backlog: 5))])
    harness.run(until: 3 * second)
    _ = harness.trigger("a")
    harness.run(until: 4 * second)
    harness.finish("a", .cancelledJob)
    #expect(
      harness.reasons(.runSkipped)
        == Array(repeating: "a: the job was cancelled", count: 3)
        + ["a: it was promised, and the job was cancelled"])
    harness.run(until: 9 * second)
    #expect(harness.starts.count == 1)
    #expect(harness.count(.runSucceeded) == 1)
    harness.install([.every("a", second)])
    harness.run(until: 11 * second)
    #expect(harness.starts.count == 1)
  }
}
