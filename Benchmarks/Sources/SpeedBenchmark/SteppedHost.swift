import BenchmarkSupport
import Moonwheel

/// A script with many jobs of one period, on a stepped clock. The jobs' phases are spread over the period.
///
/// The clock stands still at first. A callback registers some jobs in each step, because all jobs that a script
/// registers while it loads have one phase.
struct SteppedHost {
  static let tick: Int64 = 100_000

  let clock: SteppedClock
  let host: Host

  /// `body` is a Lua expression for the callback of job number `i`. `marker` is the step of ``runAhead(by:)`` in
  /// nanoseconds. `resolution` is that of shared wake-ups, in seconds.
  init(
    jobs: Int, period: Int64, marker: Int64? = nil, body: String, prelude: String = "",
    resolution: Double = 0,
    prepare: (Scheduler) throws -> Void = { _ in }
  ) async throws {
    let clock = SteppedClock()
    let phases = min(jobs, Int(period / Self.tick))
    let step = period / Int64(phases)
    // The clock runs ahead of the worker by some steps, and a worker reports ended runs once a slice. Until then these
    // runs count as under way; without `overlap = 'allow'` some fires would be skipped.
    let options = marker == nil ? "{}" : "{ overlap = 'allow', max_instances = 100000 }"
    let script = """
      local runs, back, registered, steps = 0, 0, 0, 0
      \(prelude)
      every("\(step / 1000)us", { name = "register" }, function()
        steps = steps + 1
        for i = registered + 1, steps * \(jobs) // \(phases) do
          every("\(period / 1000)us", \(options), \(body))
          registered = i
        end
        if registered == \(jobs) then
          report("registered")
          return cancel
        end
      end)
      on("ask", function() report("runs", runs, back) end)
      """
    let steps =
      marker.map { "\nevery('\($0 / 1000)us', \(options), function() step_is_over() end)" } ?? ""
    var configuration = Configuration()
    configuration.texts = [(name: "benchmark.lua", source: script + steps)]
    configuration.resolution = .seconds(resolution)
    host = try Host(configuration, clock: clock) { scheduler in
      try scheduler.register("step_is_over") { _ in
        clock.stepIsOver()
        return .nil
      }
      try prepare(scheduler)
    }
    self.clock = clock
    for _ in 0..<phases {
      host.scheduler.waitUntilIdle()
      clock.step(by: step)
    }
    host.scheduler.waitUntilIdle()
    _ = await host.next("registered")
  }

  /// Lets the jobs fire for `periods` periods, after one to warm up; returns the cost of a fire. All due fires must
  /// have happened. If the runs park, all but those of a few steps must have been resumed.
  func runAhead(
    by periods: Int, of period: Int64, jobs: Int, step: Int64, parks: Bool
  ) async throws -> Figures {
    clock.runAhead(by: period, step: step)
    host.scheduler.waitUntilIdle()
    let before = try await host.ask("ask", for: "runs")
    let used = Process.processorTime()
    let start = Process.monotonicTime()
    clock.runAhead(by: Int64(periods) * period, step: step)
    host.scheduler.waitUntilIdle()
    let time = Double(Process.processorTime() - used)
    let wall = Double(Process.monotonicTime() - start)
    let after = try await host.ask("ask", for: "runs")
    let fires = after[0] - before[0]
    let due = jobs * periods
    precondition(Int(fires) == due, "\(Int(fires)) runs of \(due) that were due")
    let parked = fires - (after[1] - before[1])
    precondition(
      !parks || parked.magnitude <= Double(8 * Int64(jobs) * step / period),
      "\(Int(parked)) of \(Int(fires)) runs have not come back")
    return [
      "fires": fires, "due": Double(due), "cpu_ns": time / fires, "per_s": fires / wall * 1e9,
    ]
  }

  /// Lets parked runs finish, and stops.
  func stop() async {
    clock.followMachine()
    await host.stop()
  }
}
