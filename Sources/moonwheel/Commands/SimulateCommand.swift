import ArgumentParser
import Moonwheel
import Synchronization

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Runs scripts on a virtual clock, and shows what they do.",
    discussion:
      "The same scripts, times and seed give the same output on every machine. Exit 1 if a script does not load."
  )

  @OptionGroup var scripts: ScriptOptions

  @OptionGroup var span: SimulatedSpan

  @Flag(help: "Print what happens, one JSON object a line.")
  var json = false

  func run() throws {
    do {
      try simulate()
    } catch let failure as Failure {
      throw failure.report()
    } catch let error as ScriptError {
      throw Failure(message: "moonwheel: \(error)").report()
    } catch {
      throw Failure(message: "moonwheel: \(error)", code: 2).report()
    }
  }

  private func simulate() throws {
    var configuration = try scripts.configuration()
    let span = try span.read(configuration)
    configuration.seed = span.seed
    let errors = Mutex<[String]>([])
    let output = LineBuffer()
    let zone = span.zone
    let json = json
    let simulation = try Simulation(configuration, from: span.start) { entry in
      if entry.event == "script.failed", let error = entry["error"]?.text {
        errors.withLock { $0.append(error) }
      }
      if json { output.append(TraceJSON.line(entry, in: zone)) }
    }
    try span.plan(simulation)
    try simulation.load()
    try simulation.run(for: span.length)
    output.flush()
    let failures = errors.withLock { $0 }
    guard failures.isEmpty else {
      throw Failure(message: failures.map { "moonwheel: \($0)" }.joined(separator: "\n"))
    }
  }
}
