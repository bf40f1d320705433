import Moonwheel
import MoonwheelModel
import MoonwheelSimulation
import Synchronization

/// Records the trace of a simulation, for a test to check.
///
///     let (simulation, trace) = try Simulation.load(["a.lua": "every('10s', function(run) return run.n end)"])
///     try simulation.run(for: .seconds(60))
///     #expect(trace.runs.map(\.result) == [1, 2, 3, 4, 5, 6])
public final class SimulationTrace: Sendable {
  private let kept = Mutex<[TraceEntry]>([])

  public init() {}

  /// Adds an entry. The simulation calls it: `Simulation(...) { trace.record($0) }`.
  public func record(_ entry: TraceEntry) { kept.withLock { $0.append(entry) } }

  /// All entries, in the order in which they happened.
  public var entries: [TraceEntry] { kept.withLock { $0 } }

  /// The entries of a host event, of all jobs or of one.
  public func entries(_ event: String, of job: String? = nil) -> [TraceEntry] {
    entries.filter { $0.event == event && (job == nil || $0.job == job) }
  }

  /// The events of scripts whose names match a pattern.
  public func events(_ pattern: String = "**") throws(PatternError) -> [Event] {
    let pattern = try EventPattern(pattern)
    return entries("emit").compactMap { entry in
      guard let name = entry["name"]?.text, pattern.matches(name) else { return nil }
      return Event(name: name, payload: entry["payload"] ?? .nil, source: entry.script ?? "")
    }
  }

  /// The attempts of all runs, in the order in which they started. Linear in the length of the trace.
  public var runs: [SimulatedRun] {
    var runs: [SimulatedRun] = []
    var underWay: [Run.ID: Int] = [:]
    for entry in entries {
      guard let run = entry.run else { continue }
      if let started = SimulatedRun(startedBy: entry) {
        underWay[run] = runs.count
        runs.append(started)
      } else if let index = underWay[run], runs[index].end(by: entry) {
        underWay[run] = nil
      }
    }
    return runs
  }

  /// The attempts of one job's runs; `script` is needed if several scripts have a job of that name.
  public func runs(of job: String, in script: String? = nil) -> [SimulatedRun] {
    runs.filter { $0.job == job && (script == nil || $0.script == script) }
  }

  /// The messages that scripts printed and logged, without their fields.
  public var lines: [String] { entries("log").compactMap { $0["message"]?.text } }

  /// All entries as text, a line each. Equal scripts, times and seeds give equal texts.
  public var text: String {
    entries.map { entry in
      let details = entry.details.map { "\($0.key)=\($0.value.sorted)" }.joined(separator: " ")
      return
        "\(entry.time.nanoseconds) \(entry.event) \(entry.script ?? "-") \(entry.job ?? "-") \(entry.run?.description ?? "-") \(entry.scheduledAt?.nanoseconds ?? 0) \(entry.reason ?? "-") \(details)"
    }.joined(separator: "\n")
  }
}

extension Value {
  /// The value as text, with the keys of tables in order.
  fileprivate var sorted: String {
    switch self {
    case .list(let values): "[" + values.map(\.sorted).joined(separator: ", ") + "]"
    case .table(let pairs):
      "{" + pairs.map { "\($0.key.sorted): \($0.value.sorted)" }.sorted().joined(separator: ", ")
        + "}"
    default: "\(self)"
    }
  }
}

extension Simulation {
  /// Makes a simulation and loads scripts, which are given as texts by name. By default it starts on 2026-01-01 at
  /// 00:00, in UTC. Throws as `Simulation.init` does. The trace has a `script.failed` for
  /// each script that does not load.
  public static func load(
    _ scripts: KeyValuePairs<String, String>,
    from start: Timestamp = Timestamp(seconds: 1_767_225_600), timeZone: String = "UTC",
    functions: [Function] = [], configure: (inout Configuration) throws -> Void = { _ in }
  ) throws -> (simulation: Simulation, trace: SimulationTrace) {
    var configuration = Configuration()
    configuration.timeZone = timeZone
    configuration.texts = scripts.map { (name: $0.key, source: $0.value) }
    try configure(&configuration)
    let trace = SimulationTrace()
    let simulation = try Simulation(configuration, from: start, functions: functions) {
      trace.record($0)
    }
    try simulation.load()
    return (simulation, trace)
  }
}
