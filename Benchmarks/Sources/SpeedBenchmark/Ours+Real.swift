import BenchmarkSupport
import Moonwheel

extension Ours {
  /// One-shots that are due at one instant: the time until the last has started.
  static func burst(jobs: Int) async throws -> Figures {
    let clock = SteppedClock()
    var configuration = Configuration()
    configuration.texts = [
      (
        name: "benchmark.lua",
        source: """
        local due, runs = now() + 10, 0
        for _ = 1, \(jobs) do
          after("10s", function()
            runs = runs + 1
            if runs == \(jobs) then report("drained", (now() - due) * 1000) end
          end)
        end
        """
      )
    ]
    configuration.loadLimit = .seconds(10)
    let host = try Host(configuration, clock: clock)
    host.scheduler.waitUntilIdle()
    clock.step(by: 9_700_000_000)
    let used = Process.processorTime()
    clock.followMachine()
    let drained = await host.next("drained")[0]
    host.scheduler.waitUntilIdle()
    let time = Double(Process.processorTime() - used)
    await host.stop()
    return [
      "fires": Double(jobs), "due": Double(jobs), "drain_ms": drained,
      "cpu_ns": time / Double(jobs),
    ]
  }

  /// Jobs that are each due every second, by the machine's clock. Some report how late they are; the others are empty.
  static func second(jobs: Int, tick: Int, seconds: Int) async throws -> Figures {
    let lateness = Lateness()
    // Not a divisor of the jobs of a millisecond: otherwise all jobs that report would be due at its beginning.
    let sample = jobs <= 1_000 ? 1 : jobs / 1_000 + 1
    let stepped = try await SteppedHost(
      jobs: jobs, period: 1_000_000_000,
      body: "i % \(sample) == 0 and function(run) runs = runs + 1 late(run.late) end or \(count)",
      resolution: tick > 100 ? Double(tick) / 1e6 : 0
    ) { try $0.register("late") { lateness.add($0[0]) } }
    let host = stepped.host
    lateness.clear()
    let before = try await host.ask("ask", for: "runs")[0]
    let start = Process.monotonicTime()
    let used = Process.processorTime()
    stepped.clock.followMachine()
    Process.sleep(seconds: Double(seconds))
    let time = Double(Process.processorTime() - used)
    let wall = Double(Process.monotonicTime() - start)
    let fires = try await host.ask("ask", for: "runs")[0] - before
    await host.stop()
    var figures = lateness.figures
    figures["fires"] = fires
    figures["due"] = Double(jobs) * wall / 1e9
    figures["cpu_ns"] = time / fires
    return figures
  }
}
