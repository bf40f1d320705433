import BenchmarkSupport
import Moonwheel

/// 10,000 jobs that are due once, all at the same instant.
enum OneInstant {
  static let jobs = 10_000
  /// Seconds in which they must be registered, or they are not run.
  static let lead = isSmoke ? 0.7 : 3

  static let script = """
    local instant, runs, seen = now() + \(lead), 0, {}
    for i = 1, \(jobs) do
      at(instant, function(run)
        seen[i] = (seen[i] or 0) + 1
        runs = runs + 1
        if runs == \(jobs) then report("drained", (now() - instant) * 1000) end
      end)
    end
    on("ask", function()
      local once = 0
      for i = 1, \(jobs) do if seen[i] == 1 then once = once + 1 end end
      report("once", once, runs)
    end)
    """

  static func measure() async throws {
    let host = try await Host(script)
    let drained = await host.next("drained")[0]
    Process.sleep(seconds: 0.2)
    try host.scheduler.emit("ask")
    let told = await host.next("once")
    await host.stop()
    print("\(jobs) one-shots at one instant")
    row("  that ran exactly once; runs", "\(Int(told[0])); \(Int(told[1]))")
    row("  the last began after, ms", rounded(drained, 1))
  }
}
