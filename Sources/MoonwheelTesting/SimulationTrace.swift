import Moonwheel
import MoonwheelModel
import MoonwheelSimulation
import ScriptHost
import Synchronization
import Triggers

/// Keeps what a simulation tells, for a test to look at.
///
///     let (simulation, trace) = try Simulation.load(["a.lua": "every('10s', function(run) return run.n end)"])
///     try simulation.run(for: 60)
///     #expect(trace.runs.map(\.result) == [1, 2, 3, 4, 5, 6])
public final class SimulationTrace: Sendable {
  private let kept = Mutex<[TraceEntry]>([])

  public init() {}

  /// To be called by the simulation: `Simulation(...) { trace.note($0) }`.
  public func note(_ entry: TraceEntry) { kept.withLock { $0.append(entry) } }

  /// All of it, in the order in which it was told.
  public var entries: [TraceEntry] { kept.withLock { $0 } }

  /// What the host told under the name of an event, of one job if it is named.
  public func entries(_ event: String, of job: String? = nil) -> [TraceEntry] {
    entries.filter { $0.event == event && (job == nil || $0.job == job) }
  }

  /// What scripts emitted under names that match a pattern.
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
      } else if let place = underWay[run], runs[place].end(by: entry) {
        underWay[run] = nil
      }
    }
    return runs
  }

  /// Those of one job; of one script where several have a job of that name.
  public func runs(of job: String, in script: String? = nil) -> [SimulatedRun] {
    runs.filter { $0.job == job && (script == nil || $0.script == script) }
  }

  /// What scripts printed and logged, without its data.
  public var lines: [String] { entries("log").compactMap { $0["message"]?.text } }

  /// All of it as text, an entry a line: the same for the same scripts, times and seed.
  public var text: String {
    entries.map { entry in
      let details = entry.details.map { "\($0.key)=\($0.value.sorted)" }.joined(separator: " ")
      return
        "\(entry.time.nanoseconds) \(entry.event) \(entry.script ?? "-") \(entry.job ?? "-") \(entry.run?.description ?? "-") \(entry.scheduledAt?.nanoseconds ?? 0) \(entry.reason ?? "-") \(details)"
    }.joined(separator: "\n")
  }
}

extension Value {
  /// As text, with the keys in order.
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
  /// Loads scripts that are given as text by name, in UTC from 2026-01-01 00:00 unless told otherwise. Throws as
  /// ``Simulation/init(_:from:functions:trace:)`` does; of scripts that do not load the trace has `script.failed`.
  public static func load(
    _ scripts: KeyValuePairs<String, String>,
    from start: Timestamp = Timestamp(seconds: 1_767_225_600), timeZone: String = "UTC",
    functions: [Function] = [], configure: (inout Configuration) -> Void = { _ in }
  ) throws -> (simulation: Simulation, trace: SimulationTrace) {
    var configuration = Configuration()
    configuration.timeZone = timeZone
    configuration.texts = scripts.map { (name: $0.key, source: $0.value) }
    configure(&configuration)
    let trace = SimulationTrace()
    let simulation = try Simulation(configuration, from: start, functions: functions) {
      trace.note($0)
    }
    try simulation.load()
    return (simulation, trace)
  }
}
