import PolicyCases
import Testing
import Triggers

@testable import MoonwheelModel
@testable import SchedulerCore

/// Each ``PolicyCase`` in the pure core.
@Suite struct PolicyTests {

  @Test(arguments: PolicyCase.all)
  func `a timeline`(of policy: PolicyCase) {
    let harness = CoreHarness()
    harness.durations["a"] = .max
    let retry = policy.retry == 0 ? nil : RetryPolicy(max: policy.retry, from: second, jitter: 0)
    harness.install([
      .every(
        "a", 2 * second,
        JobPolicy(
          overlap: policy.overlap, maxInstances: 2, grace: policy.grace, catchup: policy.catchup,
          retry: retry))
    ])
    var ends: [Run.ID: Int64] = [:]
    for step in 0...(PolicyCase.end / (second / 4)) {
      let now = step * second / 4
      harness.run(until: now)
      if now == PolicyCase.pausedAt { harness.command("a", .pause(reason: "for a test")) }
      if now == PolicyCase.resumedAt { harness.command("a", .resume) }
      for cancelled in harness.cancels { if cancelled.except == nil { cancel(harness) } }
      harness.cancels = []
      for (place, run) in harness.active.enumerated().reversed()
      where run.startedAt + PolicyCase.duration <= now && ends[run.dispatch.run] != run.startedAt {
        ends[run.dispatch.run] = run.startedAt
        let fails = run.dispatch.number == 1
        harness.finish(at: place, fails ? .failed(RunFailure(message: "down")) : .succeeded(.nil))
      }
    }
    let events = harness.events.map { at, event in
      PolicyCase.Occurrence(
        at: at, name: event.kind.name, count: event.count, reason: event.reason ?? "")
    }
    #expect(PolicyCase.timeline(of: events) == policy.timeline)
  }

  /// A run that is to be replaced ends at once.
  private func cancel(_ harness: CoreHarness) {
    guard !harness.active.isEmpty else { return }
    harness.finish(at: 0, .cancelled(RunFailure(message: "replaced")))
  }
}
