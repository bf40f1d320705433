import Moonwheel
import Synchronization

/// What a simulation told, in order.
final class Trace: Sendable {
  private let kept = Mutex<[TraceEntry]>([])

  var entries: [TraceEntry] { kept.withLock { $0 } }

  func note(_ entry: TraceEntry) { kept.withLock { $0.append(entry) } }

  /// Those of one event, of a job if it is named.
  func entries(_ event: String, of job: String? = nil) -> [TraceEntry] {
    entries.filter { $0.event == event && (job == nil || $0.job == job) }
  }

  /// What scripts printed.
  var said: [String] { entries("log").compactMap { $0["message"]?.text } }

  /// All of it as text, but for nothing.
  var text: String {
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
  /// Scripts given as text by name, loaded.
  static func load(
    _ scripts: KeyValuePairs<String, String>,
    from start: Timestamp = Timestamp(seconds: 1_767_225_600),
    zone: String = "UTC", functions: [Function] = [],
    configure: (inout Configuration) -> Void = { _ in }
  ) throws -> (simulation: Simulation, trace: Trace) {
    var configuration = Configuration()
    configuration.timeZone = zone
    configuration.texts = scripts.map { (name: $0.key, source: $0.value) }
    configure(&configuration)
    let trace = Trace()
    let simulation = try Simulation(configuration, from: start, functions: functions) {
      trace.note($0)
    }
    try simulation.load()
    return (simulation, trace)
  }
}
