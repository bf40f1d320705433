import PolicyCases
import Testing

/// Each ``PolicyCase`` with scripts. The core alone has them in `SchedulerCoreTests`.
@Suite struct PolicyTimelineTests {
  /// Not on the machine's clock: a timeline takes 24 s, and no line of it may come late.
  @Test(arguments: [StoryClock.virtual, .manual])
  func `each policy has the timeline of the core`(clock: StoryClock) throws {
    let recorder = try JobEventRecorder("run.*")
    let host = try clock.start(["a.lua": PolicyCase.script], recorder: recorder)
    defer { host.stop() }
    try host.advance(by: Double(PolicyCase.pausedAt) / 1e9)
    try host.emit("pause")
    try host.advance(by: Double(PolicyCase.resumedAt - PolicyCase.pausedAt) / 1e9)
    try host.emit("resume")
    try host.advance(by: Double(PolicyCase.end - PolicyCase.resumedAt) / 1e9)
    let events = Dictionary(grouping: recorder.events, by: \.job)
    for policy in PolicyCase.all {
      let own = (events[policy.description] ?? []).map {
        PolicyCase.Occurrence(at: $0.at, name: $0.name, count: $0.count, reason: $0.reason)
      }
      #expect(PolicyCase.timeline(of: own) == policy.timeline, "\(policy.description)")
    }
  }
}
