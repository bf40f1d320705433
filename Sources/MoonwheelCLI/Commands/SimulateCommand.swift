import ArgumentParser
import Moonwheel
import MoonwheelSimulation
import Synchronization

struct SimulateCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Runs scripts on a virtual clock, and shows what happens.",
    discussion:
      "Equal scripts, times and seeds give equal output on every machine. Exit 1 if a script does not load, or if --diff finds a difference."
  )

  @OptionGroup var scripts: ScriptOptions

  @OptionGroup var span: SimulatedSpan

  @Flag(help: "Run no callback: list when each job fires (MOONWHEEL_DRY).")
  var dry = false

  @Flag(help: "Print everything that happens, one JSON object a line (MOONWHEEL_JSON).")
  var json = false

  @Option(
    help:
      "Compare with a trace saved before by --json > FILE; exit 1 if there is a difference (MOONWHEEL_DIFF)."
  )
  var diff: String?

  func execute() throws {
    try reportErrors { try simulate() }
  }

  private func simulate() throws {
    var configuration = try scripts.configuration()
    let span = try span.read(configuration)
    configuration.seed = span.seed
    configuration.isDry = dry || environmentFlag("DRY")
    let failures = ScriptFailures()
    let output = try output(of: span, isDry: configuration.isDry)
    let progress = Progress(span)
    let simulation = try Simulation(configuration, from: span.start) { entry in
      failures.take(entry)
      output.take(entry)
      progress?.show(entry.time)
    }
    try span.plan(simulation)
    try simulation.load()
    try failures.check()
    try simulation.run(for: span.seconds)
    progress?.end()
    try output.finish(at: simulation.now)
    try failures.check()
  }

  private func output(of span: SimulatedSpan.Reading, isDry: Bool) throws(Failure)
    -> any TraceOutput
  {
    let isJSON = json || environmentFlag("JSON")
    if let other = Setting("diff", diff) {
      return try TraceDiff(with: TraceFile(other), zone: span.zone, isJSON: isJSON)
    }
    if isJSON { return JSONTrace(zone: span.zone) }
    if isDry { return FireList(zone: span.zone) }
    return SummaryOutput(span)
  }
}

/// Collects the errors of scripts that do not load.
private final class ScriptFailures: Sendable {
  private let errors = Mutex<[String]>([])

  func take(_ entry: TraceEntry) {
    guard entry.event == "script.failed", let error = entry["error"]?.text else { return }
    errors.withLock { $0.append(error) }
  }

  func check() throws(Failure) {
    let errors = errors.withLock { $0 }
    guard !errors.isEmpty else { return }
    throw Failure(message: errors.map { "moonwheel: \($0)" }.joined(separator: "\n"))
  }
}
