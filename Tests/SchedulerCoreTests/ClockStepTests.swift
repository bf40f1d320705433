import Testing
import Triggers

@testable import SchedulerCore

@Suite struct ClockStepTests {
  /// The wall times of the starts, in minutes since the start of the harness.
  private func minutes(_ harness: CoreHarness) -> [Int64] {
    harness.events.filter { $0.event.kind == .runStarted }.compactMap { _, event in
      event.scheduledAt.map { CoreHarness.epoch.distance(to: $0) / (60 * second) }
    }
  }

  @Test func `a calendar fires at its wall time`() throws {
    let harness = CoreHarness()
    harness.install([try .spec("a", "cron */10 * * * *")])
    harness.run(until: hour)
    #expect(minutes(harness) == [10, 20, 30, 40, 50, 60])
    #expect(harness.starts.allSatisfy { $0.at == $0.due })
  }

  @Test func `no sleep is longer than 30 seconds while a calendar is armed`() throws {
    let harness = CoreHarness()
    harness.install([.every("b", hour)])
    #expect(harness.deadline.map { $0 > 60 * second } == true)
    harness.install([try .spec("a", "cron 0 * * * *"), .every("b", hour)])
    #expect(harness.deadline == 30 * second)
    harness.command("a", .pause(reason: nil))
    #expect(harness.deadline.map { $0 > 60 * second } == true)
  }

  @Test func `set forward a little, fixed times are one run, and wildcards are missed`() throws {
    let harness = CoreHarness()
    harness.install([
      try .spec("fixed", "cron 10,20,30 0-23 * * *"), try .spec("wild", "cron */10 * * * *"),
      .every("b", hour),
    ])
    harness.run(until: 5 * 60 * second)
    harness.step = 30 * 60 * second
    harness.run(until: 6 * 60 * second)
    #expect(harness.starts.map(\.job) == ["fixed"])
    #expect(minutes(harness) == [30])
    let missed = harness.events.map(\.event).filter { $0.kind == .runMissed }
    #expect(missed.map(\.count).sorted() == [2, 3])
    harness.run(until: 10 * 60 * second)
    #expect(minutes(harness) == [30, 40])
    #expect(!harness.starts.contains { $0.job == "b" }, "elapsed time has no step")
  }

  @Test func `set forward by a day, all skipped fires are missed`() throws {
    let harness = CoreHarness()
    harness.install([try .spec("fixed", "cron 10 * * * *")])
    harness.run(until: 5 * 60 * second)
    harness.step = 24 * hour
    harness.run(until: 6 * 60 * second)
    #expect(harness.starts.isEmpty)
    #expect(harness.reasons(.runMissed) == ["fixed: the clock was set forward by 1d"])
    harness.run(until: 11 * 60 * second)
    #expect(minutes(harness) == [24 * 60 + 10])
  }

  @Test func `set back a little, wildcards follow the wall clock`() throws {
    let harness = CoreHarness()
    harness.install([try .spec("wild", "cron */10 * * * *")])
    harness.run(until: 15 * 60 * second)
    harness.step = -10 * 60 * second
    harness.run(until: 26 * 60 * second)
    #expect(minutes(harness) == [10, 10])
  }

  @Test func `set back a little, nothing fires twice or early`() throws {
    let harness = CoreHarness()
    harness.install([try .spec("a", "cron 10 0-23 * * *"), try .spec("b", "cron 40 0-23 * * *")])
    harness.run(until: 15 * 60 * second)
    harness.step = -10 * 60 * second
    harness.run(until: 50 * 60 * second)
    #expect(minutes(harness) == [10, 40])
    #expect(harness.starts.map(\.at) == [10 * 60 * second, 50 * 60 * second])
  }

  @Test func `set back by years, the new time holds at once`() throws {
    let harness = CoreHarness()
    harness.step = 4 * 365 * 24 * hour
    harness.install([
      try .spec("a", "cron */10 * * * *"), try .spec("b", "every 2 days at 12:00"),
      try .spec("c", "at 2040-01-01 00:00"),
    ])
    harness.run(until: second)
    harness.step = 0
    harness.run(until: hour)
    #expect(minutes(harness) == [10, 20, 30, 40, 50, 60])
    harness.run(until: 60 * hour)
    #expect(harness.starts.contains { $0.job == "b" })
    #expect(!harness.starts.contains { $0.job == "c" })
  }

  @Test func `a slewed clock makes no fire early`() throws {
    let harness = CoreHarness()
    harness.install([try .spec("a", "cron * * * * *")])
    for tick in 0..<36_000 as Range<Int64> {
      harness.step = (tick % 2_000 - 1_000) * 3_000  // up to 3 ms forward and back
      harness.run(until: tick * 100 * millisecond)
    }
    #expect(minutes(harness) == Array(1...59))
    #expect(harness.starts.allSatisfy { $0.at - $0.due < 5 * millisecond })
  }

  @Test func `a time in the past is missed once`() throws {
    let harness = CoreHarness()
    let past = try TestJob.spec("a", "at 2020-01-01 00:00")
    harness.install([past])
    harness.install([past])
    harness.run(until: second)
    #expect(harness.reasons(.runMissed) == ["a: its time was past when it was first registered"])
    let missed = harness.events.first { $0.event.kind == .runMissed }
    #expect(missed?.event.scheduledAt == Timestamp(seconds: 1_577_836_800))
    #expect(harness.starts.isEmpty)
    #expect(harness.status("a")?.state == .finished)
  }

  @Test func `a time relative to the present is resolved once for its text`() throws {
    let harness = CoreHarness()
    harness.install([try .spec("a", "at 18:00")])
    harness.run(until: 24 * hour)
    #expect(harness.starts.count == 1)
    harness.install([try .spec("a", "at 18:00", now: harness.reading.wall)])
    harness.run(until: 48 * hour)
    #expect(harness.starts.count == 1, "a reload on the next day does not make it fire again")
    harness.install([try .spec("a", "at 18:01", now: harness.reading.wall)])
    harness.run(until: 72 * hour)
    #expect(harness.starts.count == 2)
  }
}
