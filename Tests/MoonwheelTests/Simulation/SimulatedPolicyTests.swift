import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import PolicyCases
import Testing

/// The table of ``PolicyCase`` in a simulation: the same as on the core, and through the real host.
@Suite struct SimulatedPolicyTests {
  @Test func `each policy does what it does in the core`() throws {
    let (simulation, trace) = try Simulation.load(["a.lua": PolicyHostTests.script])
    let start = try simulation.now
    try simulation.run(for: Double(PolicyCase.pausedAt) / 1e9)
    try simulation.emit("pause")
    try simulation.run(for: Double(PolicyCase.resumedAt - PolicyCase.pausedAt) / 1e9)
    try simulation.emit("resume")
    try simulation.run(for: Double(PolicyCase.end - PolicyCase.resumedAt) / 1e9)
    for policy in PolicyCase.all {
      let told = trace.entries.filter {
        $0.job == policy.description && $0.event.hasPrefix("run.")
      }
      .map { entry in
        PolicyCase.Observation(
          at: start.distance(to: entry.time), name: entry.event, count: entry["count"]?.int ?? 1,
          reason: entry.reason ?? "")
      }
      #expect(PolicyCase.timeline(of: told) == policy.timeline, "\(policy.description)")
    }
  }
}
