import Layers
import Moonwheel
import MoonwheelSimulation
import MoonwheelTesting
import Testing

/// Equal seeds give equal traces, byte for byte.
@Suite struct SameBytesTests {
  private func trace(_ folder: RandomFolder, seed: UInt64, workers: Int) throws -> String {
    var configuration = Configuration()
    configuration.timeZone = "Europe/Berlin"
    configuration.texts = folder.scripts
    configuration.seed = seed
    configuration.workers = workers
    // In this night the clocks go back.
    let start = Timestamp(seconds: 1_792_886_100)
    let trace = SimulationTrace()
    let simulation = try Simulation(configuration, from: start) { trace.record($0) }
    try simulation.plan(outageAt: start.advanced(by: 120_000_000_000), for: 60)
    try simulation.plan(clockStepAt: start.advanced(by: 270_000_000_000), by: -30)
    try simulation.load()
    try simulation.run(for: 300)
    return trace.text
  }

  @Test(arguments: 1...50) func `the same seed gives the same trace with any number of workers`(
    _ number: Int
  ) throws {
    let folder = RandomFolder(seed: UInt64(number))
    let first = try trace(folder, seed: 1, workers: 1)
    let second = try trace(folder, seed: 1, workers: 4)
    #expect(first.count > 300)
    let lines = zip(first.split(separator: "\n"), second.split(separator: "\n"))
    let difference = lines.first { $0 != $1 }
    #expect(difference == nil)
    #expect(first == second)
  }

  @Test func `another seed gives another trace`() throws {
    let traces = try (1...5).map { number in
      let folder = RandomFolder(seed: UInt64(number))
      return try trace(folder, seed: 1, workers: 1) == trace(folder, seed: 2, workers: 1)
    }
    #expect(traces.contains(false))
  }
}
