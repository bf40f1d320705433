import Testing
import Triggers

@testable import MoonwheelModel
@testable import SchedulerCore

/// Changes of jobs at run time, and the state after a restart.
@Suite struct EditTests {
  private static let kinds: [String] = [
    "every 10s", "every 7s", "every 5s to 9s", "every minute at :20", "cron */20 * * * * *",
    "cron 0 * * * * *", "at 2027-01-15 08:01:30Z", "at 08:02", "every 2 minutes at :30",
  ]

  private func job(
    _ spec: String, _ catchup: Catchup?, in harness: StoreHarness,
    _ change: (inout JobPolicy) -> Void = { _ in }
  ) throws -> TestJob {
    var policy = JobPolicy(catchup: catchup)
    change(&policy)
    return try .spec("a", spec, policy, now: harness.host.reading.wall)
  }

  @Test(arguments: kinds, [Catchup.none, .latest, .all])
  func `instants before an edit are not caught up`(
    spec: String, catchup: Catchup
  ) throws {
    let harness = StoreHarness()
    let busy = TestJob.every("busy", 100 * second)
    harness.host.install([busy, .every("a", hour)])
    harness.host.handle(.loaded())
    harness.host.run(until: 95 * second)
    for down in [0, second, 3 * second] {
      harness.host.install([busy, try job(spec, catchup, in: harness)])
      let edited = harness.host.now
      harness.host.run(until: edited + second / 2)
      harness.restart(after: down)
      harness.host.install([busy, try job(spec, catchup, in: harness)])
      harness.host.handle(.loaded())
      let early = harness.host.starts.filter { $0.job == "a" && $0.due <= edited }
      #expect(early.isEmpty, "\(early)")
      harness.host.install([busy, .every("a", hour)])
      harness.host.run(until: harness.host.now + 40 * second)
    }
  }

  @Test func `the missed fires of a resumed job are handled once`() throws {
    for catchup in [Catchup.none, .latest, .all] {
      let harness = StoreHarness()
      let jobs = [try job("every 10s", catchup, in: harness)]
      harness.host.install(jobs)
      harness.host.handle(.loaded())
      harness.host.run(until: 5 * second)
      harness.host.command("a", .pause(reason: nil))
      harness.host.run(until: 35 * second)
      harness.host.command("a", .resume)
      harness.host.run(until: 36 * second)
      let starts = harness.host.starts.count
      let decisions = try harness.decisions("a").count
      for _ in 1...3 {
        harness.restart(after: second)
        harness.host.install(jobs)
        harness.host.handle(.loaded())
        #expect(harness.host.starts.isEmpty)
      }
      #expect(try harness.decisions("a").count == decisions)
      #expect(starts == (catchup == .none ? 0 : catchup == .latest ? 1 : 3))
    }
  }

  @Test func `a job that comes back is no longer orphaned in the store`() throws {
    let harness = StoreHarness()
    let jobs = [try job("every 10s", .latest, in: harness)]
    harness.host.install(jobs)
    harness.host.handle(.loaded())
    harness.host.run(until: 5 * second)
    harness.host.install([])
    #expect(try harness.job("a")?.orphanedAt != nil)
    harness.host.install(jobs)
    #expect(try harness.job("a")?.orphanedAt == nil)
  }

  @Test func `the reason of a job's end is stored until the job becomes active again`() throws {
    let harness = StoreHarness()
    harness.host.install([try job("every 10s", nil, in: harness) { $0.window.times = 1 }])
    harness.host.handle(.loaded())
    harness.host.run(until: 15 * second)
    #expect(try harness.job("a")?.state == .finished)
    #expect(try harness.job("a")?.reason == "it has fired once")
    harness.host.install([try job("every 10s", nil, in: harness) { $0.window.times = 2 }])
    #expect(try harness.job("a")?.state == .active)
    #expect(try harness.job("a")?.reason == nil)
    harness.host.run(until: 60 * second)
    #expect(harness.host.starts.map(\.due) == [10 * second, 20 * second])
    #expect(try harness.job("a")?.reason == "it has fired 2 times")
  }

  /// An embedder's store of an older version does not store the options. The core takes them as unchanged.
  @Test func `a row without options counts as unchanged`() throws {
    let harness = StoreHarness()
    let bounded = try job("every 10s", .latest, in: harness) {
      $0.window.till = CoreHarness.epoch.advanced(by: hour)
    }
    harness.host.install([bounded])
    harness.host.handle(.loaded())
    harness.host.run(until: 15 * second)
    var row = try #require(try harness.job("a"))
    row.timing = nil
    row.hasPausedOption = nil
    try harness.store.commit([.job(row)], isDurable: true)
    harness.restart(after: 10 * second)
    harness.host.install([bounded])
    #expect(harness.host.starts.map(\.due) == [20 * second])
  }
}
