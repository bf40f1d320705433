import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import PolicyCases
import Testing

/// Each ``PolicyCase`` in a simulation.
@Suite struct SimulatedPolicyTests {
  @Test func `each policy has the timeline of the core`() throws {
    let (simulation, trace) = try Simulation.load(["a.lua": PolicyCase.script])
    let start = try simulation.now
    try simulation.run(for: Double(PolicyCase.pausedAt) / 1e9)
    try simulation.emit("pause")
    try simulation.run(for: Double(PolicyCase.resumedAt - PolicyCase.pausedAt) / 1e9)
    try simulation.emit("resume")
    try simulation.run(for: Double(PolicyCase.end - PolicyCase.resumedAt) / 1e9)
    for policy in PolicyCase.all {
      let own = trace.entries.filter {
        $0.job == policy.description && $0.event.hasPrefix("run.")
      }
      .map { entry in
        PolicyCase.Occurrence(
          at: start.distance(to: entry.time), name: entry.event, count: entry["count"]?.int ?? 1,
          reason: entry.reason ?? "")
      }
      #expect(PolicyCase.timeline(of: own) == policy.timeline, "\(policy.description)")
    }
  }
}
