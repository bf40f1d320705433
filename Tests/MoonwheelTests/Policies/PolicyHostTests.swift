import Moonwheel
import MoonwheelTesting
import PolicyCases
import Synchronization
import Testing

/// Each ``PolicyCase`` on the real host: scripts, workers, and a clock that the test moves.
@Suite struct PolicyHostTests {
  @Test func `each policy has the timeline of the core`() async throws {
    let host = try TestScheduler(["a.lua": PolicyCase.script])
    let start = host.clock.read().elapsed
    let occurrences = Mutex<[String: [PolicyCase.Occurrence]]>([:])
    try host.scheduler.observe("run.*") { event in
      guard let job = event.payload["job"]?.text else { return }
      let occurrence = PolicyCase.Occurrence(
        at: host.clock.read().elapsed - start, name: event.name,
        count: event.payload["count"]?.int ?? 1, reason: event.payload["reason"]?.text ?? "")
      occurrences.withLock { $0[job, default: []].append(occurrence) }
    }
    host.advance(by: Double(PolicyCase.pausedAt) / 1e9)
    try host.scheduler.emit("pause")
    host.advance(by: Double(PolicyCase.resumedAt - PolicyCase.pausedAt) / 1e9)
    try host.scheduler.emit("resume")
    host.advance(by: Double(PolicyCase.end - PolicyCase.resumedAt) / 1e9)
    await host.stop()
    for policy in PolicyCase.all {
      let own = occurrences.withLock { $0[policy.description] ?? [] }
      #expect(PolicyCase.timeline(of: own) == policy.timeline, "\(policy.description)")
    }
  }
}
