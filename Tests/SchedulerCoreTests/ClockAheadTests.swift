import Testing
import Triggers

@testable import MoonwheelModel
@testable import SchedulerCore

/// Hosts that start with a store whose times are later than their clock.
@Suite struct ClockAheadTests {
  private let harness = StoreHarness()

  /// Runs for four hours, and starts again with the clock an hour back.
  private func start(_ jobs: [TestJob], back step: Int64 = hour) {
    harness.host.answerNextFire = { .success(CoreHarness.epoch.advanced(by: $0 + 600 * second)) }
    harness.host.install(jobs)
    harness.host.handle(.loaded())
    harness.host.run(until: 4 * hour)
    goOn(jobs, step: -step)
  }

  private func goOn(_ jobs: [TestJob], step: Int64) {
    harness.restart(after: second, step: step)
    harness.host.answerNextFire = { .success(CoreHarness.epoch.advanced(by: $0 + 600 * second)) }
    harness.host.install(jobs)
    harness.host.handle(.loaded())
  }

  @Test(
    arguments: [
      "every 10m", "every 7m", "every 8m to 10m", "cron */10 * * * *", "cron 5,15,25 * * * *",
      "every 2 hours at :05", "function",
    ], [hour, 30 * 24 * hour])
  func `every kind of trigger continues within its period`(spec: String, step: Int64) throws {
    let job =
      spec == "function" ? TestJob.custom("a") : try TestJob.spec("a", spec)
    start([job], back: step)
    let first = harness.host.now
    harness.host.run(until: first + 6 * hour)
    let period = spec.contains("hours") ? 2 * hour : spec.hasPrefix("cron 5") ? hour : hour / 6
    let instants = [first] + harness.host.starts.map(\.at) + [harness.host.now]
    #expect(harness.host.starts.count >= 6 * Int(hour / period) - 1)
    for (a, b) in zip(instants, instants.dropFirst()) {
      #expect(b - a <= period + second, "\(spec): \(a / second), \(b / second)")
    }
  }

  @Test func `a period keeps its phase`() throws {
    start([.every("a", 7 * 60 * second)])
    harness.host.run(until: 5 * hour)
    let phases = harness.host.starts.map { ($0.due + harness.host.step) % (420 * second) }
    #expect(Set(phases) == [0])
  }

  @Test func `the core reports the step once, with its length`() throws {
    start([.every("a", 600 * second)])
    let steps = harness.host.clockSteps
    #expect(steps.map(\.wasDown) == [true])
    #expect(steps.map { ($0.by + hour) / second } == [1], "the host was down for a second")
    harness.host.run(until: harness.host.now)
    goOn([.every("a", 600 * second)], step: 0)
    #expect(harness.host.clockSteps.isEmpty)
  }

  @Test func `runs count up, and are not early`() throws {
    harness.host.install([.every("a", 600 * second)])
    harness.host.handle(.loaded())
    harness.host.run(until: 4 * hour)
    let before = try #require(harness.host.starts.last?.run)
    goOn([.every("a", 600 * second)], step: -hour)
    harness.host.run(until: 6 * hour)
    #expect(harness.host.starts.allSatisfy { $0.run > before })
  }

  @Test func `pending runs keep their distance or their time`() throws {
    let job = TestJob.onDemand("a")
    let busy = TestJob.every("busy", 60 * second)
    harness.host.install([job, busy])
    harness.host.handle(.loaded())
    harness.host.run(until: 4 * hour)
    let time = CoreHarness.epoch.advanced(by: 5 * hour + hour / 2)
    harness.host.command("a", .enqueue("after", at: .after(2 * hour)))
    harness.host.command("a", .enqueue("at", at: .at(time)))
    harness.host.durations["a"] = .max
    harness.host.command("a", .enqueue("now", at: .now))
    harness.host.command("a", .enqueue("next", at: .now))
    goOn([job, busy], step: -hour)
    let down = harness.host.now
    harness.host.durations["a"] = second
    for _ in 1...2 where !harness.host.active.isEmpty { harness.host.finish("a") }
    harness.host.run(until: 12 * hour)
    let starts = harness.host.starts.filter { $0.job == "a" }
    #expect(starts.map(\.payload) == ["now", "next", "after", "at"])
    #expect(starts.prefix(2).allSatisfy { $0.at == down })
    #expect(starts.dropFirst(2).map { ($0.at - down + 2 * second) / (60 * second) } == [120, 150])
  }

  @Test func `the rows of scripts that are not loaded are corrected, too`() throws {
    harness.host.install([.every("a", 600 * second)])
    harness.host.install([.every("b", 600 * second)], script: ScriptID(rawValue: 2))
    harness.host.handle(.loaded())
    harness.host.run(until: 4 * hour)
    harness.restart(after: second, step: -3 * 24 * hour)
    harness.host.install([.every("a", 600 * second)])
    harness.host.handle(.loaded())
    let row = try #require(try harness.job("b"))
    #expect(row.registered <= harness.host.reading.wall)
    #expect(row.orphanedAt == harness.host.reading.wall)
    harness.host.run(until: harness.host.now)
    goOn([.every("a", 600 * second)], step: 0)
    #expect(harness.host.clockSteps.isEmpty)
  }

  /// A machine without a battery for its clock starts with an old time and gets the right one later.
  @Test func `a clock that returns to the right time does not repeat handled fires`() throws {
    let jobs = [
      try TestJob.spec("fixed", "cron 30 0-23 * * *"),
      try TestJob.spec("wild", "cron */10 * * * *"),
    ]
    harness.host.install(jobs)
    harness.host.handle(.loaded())
    harness.host.run(until: 4 * hour - 900 * second)
    goOn(jobs, step: -hour)
    harness.host.run(until: harness.host.now + 60 * second)
    #expect(harness.host.starts.isEmpty)
    harness.host.step = 0
    harness.host.run(until: harness.host.now + 60 * second)
    #expect(harness.host.starts.isEmpty)
    #expect(harness.host.count(.runMissed) == 0)
    harness.host.run(until: 5 * hour)
    #expect(harness.host.starts.filter { $0.job == "fixed" }.map(\.due) == [4 * hour + hour / 2])
    #expect(harness.host.starts.filter { $0.job == "wild" }.count == 8)
  }

  @Test func `a clock set back while a host runs stops nothing in the next host`() throws {
    let jobs = [TestJob.every("a", 7 * 3600 * second), try .spec("b", "cron 0 * * * *")]
    harness.host.install(jobs)
    harness.host.handle(.loaded())
    harness.host.run(until: 4 * hour)
    harness.host.step = -30 * 24 * hour
    harness.host.run(until: 4 * hour + second)
    #expect(harness.host.clockSteps.map(\.wasDown) == [false])
    goOn(jobs, step: 0)
    #expect(harness.host.clockSteps.isEmpty)
    harness.host.run(until: 28 * hour)
    let due = harness.host.starts.filter { $0.job == "a" }.map(\.at)
    #expect(due.map { $0 / second } == [7, 14, 21, 28].map { $0 * 3600 })
    #expect(harness.host.starts.filter { $0.job == "b" }.count == 24)
  }
}
