import Testing
import Triggers

@testable import MoonwheelModel
@testable import SchedulerCore

@Suite struct WindowTests {
  private func job(_ window: FireWindow) -> TestJob {
    var job = TestJob.every("a", 10 * second)
    job.policy.window = window
    return job
  }

  private func at(_ elapsed: Int64) -> Timestamp { CoreHarness.epoch.advanced(by: elapsed) }

  @Test func `fires begin at the first instant and end with the last`() {
    let harness = CoreHarness()
    harness.install([job(FireWindow(from: at(25 * second), till: at(60 * second)))])
    harness.run(until: hour)
    #expect(harness.starts.map(\.due) == [25, 35, 45, 55].map { $0 * second })
    #expect(harness.status("a")?.state == .finished)
  }

  @Test func `a job ends after its number of fires, across a reload`() {
    let harness = CoreHarness()
    harness.install([job(FireWindow(times: 3))])
    harness.run(until: 25 * second)
    harness.install([job(FireWindow(times: 3))])
    harness.run(until: hour)
    #expect(harness.starts.count == 3)
  }

  @Test func `the last instant can count from the first registration`() {
    let harness = CoreHarness()
    harness.install([job(FireWindow(tillAfter: 30 * second))])
    harness.run(until: 15 * second)
    harness.install([job(FireWindow(tillAfter: 30 * second))])
    harness.run(until: hour)
    #expect(harness.starts.map(\.due) == [10, 20, 30].map { $0 * second })
  }

  @Test func `jitter delays each fire by its own share and moves no instant`() {
    let harness = CoreHarness()
    harness.install([job(FireWindow(jitter: 5 * second, seed: 7))])
    harness.run(until: 101 * second + 5 * second)
    #expect(harness.starts.map(\.due) == (1...10).map { Int64($0) * 10 * second })
    let delays = harness.starts.map { $0.at - $0.due }
    #expect(delays.allSatisfy { (0...5 * second + 100_000).contains($0) })
    #expect(Set(delays).count > 5)
  }

  @Test func `the first instant can count from the first registration`() {
    let harness = CoreHarness()
    harness.install([job(FireWindow(fromAfter: 25 * second))])
    harness.run(until: 5 * second)
    harness.install([job(FireWindow(fromAfter: 25 * second))])
    harness.run(until: 50 * second)
    #expect(harness.starts.map(\.due) == [25, 35, 45].map { $0 * second })
    #expect(!harness.events.contains { $0.event.kind == .jobChanged })
  }

  @Test(
    arguments: [
      ("every 10s", FireWindow(), 10), ("every 10s", FireWindow(times: 3), 10),
      ("every 10s", FireWindow(fromAfter: 25 * second), 25),
      ("every 10s", FireWindow(from: CoreHarness.epoch.advanced(by: 25 * second)), 25),
      ("every 10s", FireWindow(from: CoreHarness.epoch.advanced(by: -25 * second)), 10),
      ("every 10s", FireWindow(tillAfter: 10 * second), 10),
      ("every 10s", FireWindow(tillAfter: 9 * second), nil),
      ("every 10s", FireWindow(till: CoreHarness.epoch.advanced(by: 9 * second)), nil),
      ("cron * * * * *", FireWindow(fromAfter: 60 * second), 60),
      ("cron * * * * *", FireWindow(fromAfter: 61 * second), 120),
      ("after 10s", FireWindow(fromAfter: 5 * second), 10),
      ("after 10s", FireWindow(fromAfter: 15 * second), nil),
      ("at 2020-01-01", FireWindow(), nil),
    ])
  func `the window knows the first fire`(spec: String, window: FireWindow, seconds: Int64?) throws {
    let options = TriggerOptions(now: CoreHarness.epoch)
    let trigger = try Trigger.parse(spec: spec, options)
    let first = window.firstFire(of: trigger, registered: CoreHarness.epoch)
    #expect(first == seconds.map { at($0 * second) })
    let harness = CoreHarness()
    var job = try TestJob.spec("a", spec)
    job.policy.window = window
    harness.install([job])
    harness.run(until: 150 * second)
    #expect(harness.starts.first?.due == seconds.map { $0 * second })
  }

  @Test(
    arguments: [
      ("every 10s", FireWindow(times: 2), "it has fired 2 times"),
      ("every 10s", FireWindow(times: 1), "it has fired once"),
      ("every 10s", FireWindow(tillAfter: 25 * second), "its till has come"),
      ("cron * * * * *", FireWindow(tillAfter: 90 * second), "its till has come"),
      ("after 10s", FireWindow(), "it has no further fire"),
      ("at 2020-01-01", FireWindow(), "it has no further fire"),
    ])
  func `the end of a job has a reason`(
    spec: String, window: FireWindow, reason: String
  ) throws {
    let harness = CoreHarness()
    var job = try TestJob.spec("a", spec)
    job.policy.window = window
    harness.install([job])
    harness.run(until: hour)
    #expect(harness.reasons(.jobFinished) == ["a: " + reason])
    #expect(harness.events.allSatisfy { $0.event.failure == nil })
  }

  @Test func `a search that gives up ends the job as a failure, even without listeners`() throws {
    let options = TriggerOptions()
    let seconds = try Trigger.cron("*/2 * * * * *", options)
    let soon = Trigger.at(CoreHarness.epoch.advanced(by: 4 * second), text: "at", zone: .utc)
    // The instants of even and of odd seconds have only the added instant in common.
    let odd = try Trigger.cron("1-59/2 * * * * *", options) | soon
    var job = TestJob.every("a", second)
    job.trigger = .time(try seconds & odd)
    let harness = CoreHarness()
    harness.handle(.interest(.none, listensToRuns: false))
    harness.install([job])
    harness.run(until: hour)
    #expect(harness.starts.map(\.due) == [4 * second])
    let end = try #require(harness.events.last?.event)
    #expect(end.kind == .jobFinished)
    #expect(end.failure?.message.contains("10,000 candidates") == true)
  }
}
