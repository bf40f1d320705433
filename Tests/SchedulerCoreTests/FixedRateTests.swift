import JobStoreConformance
import TestSupport
import Testing
import Triggers

@testable import MoonwheelModel
@testable import SchedulerCore

@Suite struct FixedRateTests {
  @Test(arguments: [
    second, 10 * millisecond, 1_234_567, 333_333_333, 7 * millisecond + 1, 100_001, 59_999_999_999,
  ])
  func `the nth fire is due at the start plus n periods`(period: Int64) {
    let harness = CoreHarness()
    harness.now = 12_345
    harness.install([.every("a", period)])
    harness.run(until: 12_345 + 3_000 * period + 100_000)
    #expect(harness.starts.count == 3_000)
    for (index, start) in harness.starts.enumerated() {
      #expect(start.due == 12_345 + Int64(index + 1) * period)
      #expect(start.at >= start.due && start.at - start.due < 100_000, "within one tick")
      #expect(start.number == Int64(index + 1))
    }
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `a call that is late by up to a period moves no fire`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let harness = CoreHarness()
    harness.install([.every("a", second)])
    for n in 1...2_000 as ClosedRange<Int64> {
      harness.jump(to: n * second + Int64(random.next() % UInt64(second)))
    }
    #expect(harness.starts.map(\.due) == (1...2_000).map { $0 * second })
    #expect(harness.count(.runMissed) == 0)
  }

  @Test(arguments: [
    (2_000 * millisecond, 2, 1), (2_999 * millisecond, 2, 1), (3_000 * millisecond, 3, 2),
    (1_999 * millisecond, 1, 0), (100_500 * millisecond, 100, 99),
  ])
  func `a stalled host runs the latest fire once and counts the others`(
    wakes: Int64, latest: Int64, missed: Int64
  ) {
    let harness = CoreHarness()
    harness.install([.every("a", second)])
    harness.jump(to: wakes)
    #expect(harness.starts.map(\.due) == [latest * second])
    let events = harness.events.map(\.event).filter { $0.kind == .runMissed }
    #expect(events.map(\.count) == (missed == 0 ? [] : [missed]))
    if let event = events.first {
      #expect(event.scheduledAt == CoreHarness.epoch.advanced(by: second))
      #expect(event.reason == "the host was late by a whole period")
    }
    harness.run(until: wakes + 2 * second)
    #expect(harness.starts[1].due == (latest + 1) * second, "the phase is kept")
  }

  @Test func `a deadline between two ticks is not early`() {
    let harness = CoreHarness()
    harness.now = 99_999
    harness.install([.after("a", 1), .after("b", 2), .after("c", 100_002)])
    harness.jump(to: 100_000)
    #expect(harness.starts.map(\.job) == ["a"])
    harness.jump(to: 199_999)
    #expect(harness.starts.map(\.job) == ["a"])
    harness.jump(to: 200_000)
    #expect(harness.starts.map(\.job) == ["a", "b"])
    harness.jump(to: 299_999)
    #expect(harness.starts.map(\.job) == ["a", "b"])
    harness.jump(to: 300_000)
    #expect(harness.starts.map(\.job) == ["a", "b", "c"])
  }

  @Test func `the option now fires at once and does not change the phase`() {
    let harness = CoreHarness()
    harness.install([.every("a", second, JobPolicy(now: true))])
    #expect(harness.starts.map(\.due) == [0])
    harness.run(until: 3 * second)
    #expect(harness.starts.map(\.due) == [0, second, 2 * second, 3 * second])
    harness.install([.every("a", second, JobPolicy(now: true))])
    #expect(harness.starts.count == 4, "only when it is first added")
  }

  @Test func `a period of centuries does not overflow`() {
    let harness = CoreHarness()
    harness.install([.every("a", .max), .every("b", .max / 2), .every("c", second)])
    harness.run(until: second)
    harness.command("b", .pause(reason: nil))
    harness.command("b", .resume)
    #expect(harness.starts.map(\.job) == ["c"])
    #expect(harness.status("a")?.state == .finished)
  }

  @Test func `reboot runs once`() throws {
    let harness = CoreHarness()
    harness.install([try .spec("a", "cron @reboot")])
    harness.run(until: 10 * second)
    #expect(harness.starts.map(\.at) == [0])
    harness.install([try .spec("a", "cron @reboot")])
    harness.run(until: 20 * second)
    #expect(harness.starts.count == 1)
  }
}
