import Moonwheel
import MoonwheelTesting
import PolicyCases
import Synchronization
import Testing

/// The table of ``PolicyCase`` through the real host: scripts, workers, and a clock that the test moves.
@Suite struct PolicyHostTests {
  private static func job(_ policy: PolicyCase) -> String {
    let grace = policy.grace.map { "\"\($0 / 1_000_000_000)s\"" } ?? "false"
    let retry = policy.retry == 0 ? "false" : "{ max = \(policy.retry), from = \"1s\", jitter = 0 }"
    return """
      every("2s", { name = "\(policy.description)", overlap = "\(policy.overlap)", max_instances = 2,
        catchup = "\(policy.catchup)", grace = \(grace), retry = \(retry) }, work)

      """
  }

  static let script =
    """
    local function work(run)
      sleep("3500ms")
      if run.n == 1 then error("down") end
    end

    """ + PolicyCase.all.map { job($0) }.joined()
      + """
      on("pause", function() for _, j in ipairs(jobs()) do if j.name:find(",") then j:pause("for a test") end end end)
      on("resume", function() for _, j in ipairs(jobs()) do if j.name:find(",") then j:resume() end end end)
      """

  @Test func `each policy does what it does in the core`() async throws {
    let host = try TestScheduler(["a.lua": Self.script])
    let start = host.clock.read().elapsed
    let observations = Mutex<[String: [PolicyCase.Observation]]>([:])
    try host.scheduler.observe("run.*") { event in
      guard let job = event.payload["job"]?.text else { return }
      let observation = PolicyCase.Observation(
        at: host.clock.read().elapsed - start, name: event.name,
        count: event.payload["count"]?.int ?? 1, reason: event.payload["reason"]?.text ?? "")
      observations.withLock { $0[job, default: []].append(observation) }
    }
    host.advance(by: Double(PolicyCase.pausedAt) / 1e9)
    try host.scheduler.emit("pause")
    host.advance(by: Double(PolicyCase.resumedAt - PolicyCase.pausedAt) / 1e9)
    try host.scheduler.emit("resume")
    host.advance(by: Double(PolicyCase.end - PolicyCase.resumedAt) / 1e9)
    await host.stop()
    for policy in PolicyCase.all {
      let told = observations.withLock { $0[policy.description] ?? [] }
      #expect(PolicyCase.timeline(of: told) == policy.timeline, "\(policy.description)")
    }
  }
}
