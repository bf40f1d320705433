import ArgumentParser
import Moonwheel
import MoonwheelSimulation
import Synchronization

struct SimulateCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Runs scripts on a virtual clock, and shows what happens.",
    discussion:
      "Equal scripts, times and seeds give equal output on every machine. Exit 1 if a script does not load, or if --diff finds a difference; 124 if the budget of real time is spent."
  )

  @OptionGroup var scripts: ScriptOptions

  @OptionGroup var span: SimulatedSpan

  @Flag(help: "Run no callback: list when each job fires (MOONWHEEL_DRY).")
  var dry = false

  @Flag(help: "Print everything that happens, one JSON object a line (MOONWHEEL_JSON).")
  var json = false

  @Option(
    help:
      "Compare with a trace saved before by --json > FILE; exit 1 if there is a difference (MOONWHEEL_DIFF).",
    completion: .file()
  )
  var diff: String?

  @OptionGroup var budget: BudgetOption

  func execute() throws {
    try BudgetOption.spend(try budget.length(), simulate)
  }

  private func simulate(within budget: RealTimeBudget) throws {
    var configuration = try scripts.configuration()
    let span = try span.read(configuration)
    configuration.seed = span.seed
    configuration.isDry = dry || environmentFlag("DRY")
    // The simulation's thread and this one use it by turns: neither ever waits for the lock.
    let view = Mutex(
      TraceView(
        output: try output(of: span, isDry: configuration.isDry), progress: Progress(span)))
    let simulation = try Simulation(configuration, from: span.start, budget: budget) { entry in
      view.withLock { $0.take(entry) }
    }
    try span.plan(simulation)
    do {
      try simulation.load()
      try view.withLock { view throws(Failure) in try view.check() }
      try simulation.run(for: span.seconds)
    } catch let error as BudgetError {
      // What happened until then says what took the time.
      try view.withLock { try $0.finish(at: error.reached) }
      throw Failure("\(error); \(BudgetOption.remedy)", code: BudgetOption.outOfTime)
    }
    let end = try simulation.now
    try view.withLock { view in
      try view.finish(at: end)
      try view.check()
    }
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

/// What the user sees of a trace: the output, the progress, and the errors of scripts that do not load.
private struct TraceView {
  var output: any TraceOutput
  var progress: Progress?
  var errors: [String] = []

  mutating func take(_ entry: TraceEntry) {
    if entry.event == "script.failed", let error = entry["error"]?.text { errors.append(error) }
    output.take(entry)
    progress?.show(entry.time)
  }

  mutating func finish(at end: Timestamp) throws {
    progress?.end()
    try output.finish(at: end)
  }

  /// Throws the errors.
  func check() throws(Failure) {
    guard !errors.isEmpty else { return }
    throw Failure(errors.joined(separator: "\nmoonwheel: "))
  }
}
