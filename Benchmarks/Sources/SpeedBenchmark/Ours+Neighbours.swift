import BenchmarkSupport
import Moonwheel

extension Ours {
  /// 100 jobs every 100 ms that report how late they are; their phases are spread over the period.
  static let ticks = """
    local jobs = 0
    every("1ms", { name = "register" }, function()
      jobs = jobs + 1
      every("100ms", function(run) late(run.late) end)
      if jobs == 100 then
        report("registered")
        return cancel
      end
    end)
    """

  /// Kinds of scripts that run beside the jobs.
  enum Neighbour: Int, CaseIterable {
    /// One script computes for 1 s every 2 s.
    case computes
    /// Four scripts never stop computing.
    case endless
    /// Two scripts call a C function that never returns, again and again: each time until the host ends the run.
    case stuck

    var scripts: Int { [.computes: 1, .endless: 4, .stuck: 2][self] ?? 0 }

    var source: String {
      switch self {
      case .computes:
        """
        every("2s", { now = true }, function()
          local stop = now() + 1
          repeat for _ = 1, 1000 do end until now() >= stop
        end)
        """
      case .endless: "every('1h', { now = true }, function() while true do end end)"
      case .stuck:
        "every('100ms', { now = true, timeout = false }, function() string.rep('', 1 << 60) end)"
      }
    }
  }

  /// How late these jobs are beside other scripts, on two workers.
  static func busy(beside neighbour: Neighbour, seconds: Int) async throws -> Figures {
    let lateness = Lateness()
    var configuration = Configuration()
    configuration.workers = 2
    configuration.shutdownTimeout = .seconds(0.1)
    configuration.evictionsBeforePause = .max
    configuration.texts =
      [(name: "ticks.lua", source: ticks)]
      + (1...neighbour.scripts).map { ("busy\($0).lua", neighbour.source) }
    let host = try Host(configuration) { try $0.register("late") { lateness.add($0[0]) } }
    _ = await host.next("registered")
    lateness.clear()
    let start = Process.monotonicTime()
    Process.sleep(seconds: Double(seconds))
    var figures = lateness.figures
    let wall = Double(Process.monotonicTime() - start) / 1e9
    figures["fires"] = figures["told"]
    figures["due"] = 1_000 * wall
    await host.stop()
    return figures
  }

  /// How late the jobs are while a script of many jobs, each due every 10 s, is reloaded; and the cost of the reload.
  static func reload(jobs: Int) async throws -> Figures {
    let folder = Folder()
    let script = "for i = 1, \(jobs) do local n = 0 every('10s', function() n = n + 1 end) end\n"
    folder.write(script, to: "many.lua")
    folder.write(ticks, to: "ticks.lua")
    let lateness = Lateness()
    let host = try Host(Configuration(paths: [folder.path])) {
      try $0.register("late") { lateness.add($0[0]) }
    }
    _ = await host.next("registered")
    let reloaded = try host.scheduler.events("script.reloaded")
    let seconds = isSmoke ? 0.3 : 2
    let calm = window(seconds, lateness) {}
    let busy = window(seconds, lateness) {
      folder.write(script + "-- \(seconds)\n", to: "many.lua")
    }
    for await _ in reloaded { break }
    await host.stop()
    return [
      "cpu_ms": (busy.time - calm.time) / 1e6, "most_ms": busy.most / 1e3,
      "calm_most_ms": calm.most / 1e3,
    ]
  }

  /// Processor time and the greatest lateness over a number of seconds.
  private static func window(
    _ seconds: Double, _ lateness: Lateness, _ body: () -> Void
  ) -> (time: Double, most: Double) {
    lateness.clear()
    let used = Process.processorTime()
    body()
    Process.sleep(seconds: seconds)
    let time = Double(Process.processorTime() - used)
    return (time, lateness.figures["most_us"] ?? 0)
  }
}
