import BenchmarkSupport
import Moonwheel
import MoonwheelSimulation
import Synchronization

/// How much processor time simulated time takes.
///
///     SimulationBenchmark [--smoke]
@main
struct SimulationBenchmark {
  static func main() throws {
    try measure("a year of 100 jobs", scripts: Year.scripts, days: isSmoke ? 10 : 365, limit: 10)
    try measure("a month of 20 scripts", scripts: Month.scripts, days: isSmoke ? 1 : 30, limit: 1)
  }

  private static func measure(
    _ name: String, scripts: [(name: String, source: String)], days: Double, limit: Double
  ) throws {
    let fires = Atomic<Int>(0)
    let entries = Atomic<Int>(0)
    let failures = Atomic<Int>(0)
    var configuration = Configuration()
    configuration.texts = scripts
    configuration.timeZone = "Europe/Berlin"
    let start = Timestamp(seconds: 1_767_222_000)  // 2026-01-01 in Berlin
    let began = Process.monotonicTime()
    let used = Process.processorTime()
    let simulation = try Simulation(configuration, from: start) { entry in
      entries.wrappingAdd(1, ordering: .relaxed)
      if entry.event == "run.started" { fires.wrappingAdd(1, ordering: .relaxed) }
      if entry.event.hasSuffix(".failed") { failures.wrappingAdd(1, ordering: .relaxed) }
    }
    try simulation.load()
    try simulation.run(for: days * 86_400)
    let seconds = Double(Process.monotonicTime() - began) / 1e9
    let processor = Double(Process.processorTime() - used) / 1e9
    let count = fires.load(ordering: .relaxed)
    precondition(failures.load(ordering: .relaxed) == 0, "the scripts of \(name) fail")
    print("\(name), \(rounded(days, 0)) days of it")
    row("  fires", "\(count)")
    row("  lines of the trace", "\(entries.load(ordering: .relaxed))")
    row("  seconds; may take", "\(rounded(seconds)); \(rounded(limit))")
    row("  seconds of processor time", rounded(processor))
    row("  processor time a fire, ns", rounded(processor / Double(max(1, count)) * 1e9, 0))
    row("  resident, KiB", "\(Process.residentBytes() / 1024)")
  }
}
