import Logging
import MoonwheelModel
import SchedulerCore
import Synchronization
import Triggers

/// Makes the entries of a trace from host events, script events, reports and log lines, in their order.
final class TraceRecorder: Sendable {
  private let clock: VirtualClock
  private let deliver: @Sendable (TraceEntry) -> Void
  /// The results of runs whose end the core does not know yet.
  private let results = Mutex<[Run.ID: Value]>([:])

  init(clock: VirtualClock, deliver: @escaping @Sendable (TraceEntry) -> Void) {
    self.clock = clock
    self.deliver = deliver
  }

  func record(_ event: HostEvent, script: String) {
    var result: Value?
    if event.kind == .runSucceeded, let run = event.run {
      result = results.withLock { $0.removeValue(forKey: run) }
    }
    deliver(TraceEntry(event, script: script, result: result, at: clock.read().wall))
  }

  /// Records an event of the bus. Events of jobs and runs come as ``HostEvent``, which has more data.
  func record(_ event: Event) {
    guard !event.name.hasPrefix("run."), !event.name.hasPrefix("job.") else { return }
    deliver(TraceEntry(event, at: clock.read().wall))
  }

  func record(_ report: RunEnd) {
    guard case .succeeded(let result) = report.outcome, !result.isNil else { return }
    results.withLock { $0[report.run] = result }
  }

  /// Records what a host would have sent.
  func record(_ ping: Ping, script: String) {
    var entry = TraceEntry(
      time: clock.read().wall, event: "ping", script: script, job: ping.job)
    entry.run = ping.run
    entry.details = [TraceEntry.Detail("url", .string(ping.url))]
    deliver(entry)
  }

  func record(_ event: String) { deliver(TraceEntry(time: clock.read().wall, event: event)) }

  var logger: Logger { Logger(label: "moonwheel.simulation") { _ in Handler(recorder: self) } }

  /// Records the lines that scripts log. The host's own lines are left out: they repeat its events.
  private struct Handler: LogHandler {
    let recorder: TraceRecorder
    var logLevel = Logger.Level.debug
    var metadata = Logger.Metadata()

    init(recorder: TraceRecorder) { self.recorder = recorder }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      guard let metadata = event.metadata, metadata["event"] == nil,
        let script = metadata["script"]
      else { return }
      var entry = TraceEntry(
        time: recorder.clock.read().wall, event: "log", script: "\(script)",
        job: metadata["job"].map { "\($0)" })
      entry.run = metadata["run"].flatMap { Run.ID("\($0)") }
      entry.details = [
        .init("level", .string(event.level.rawValue)),
        .init("message", .string("\(event.message)")),
      ]
      let fields = metadata.filter { !Self.ownKeys.contains($0.key) }
      if !fields.isEmpty { entry.details.append(.init("fields", Value(.dictionary(fields)))) }
      recorder.deliver(entry)
    }

    private static let ownKeys: Set<String> = ["script", "job", "run"]
  }
}

extension Value {
  /// Converts a field of a log line.
  fileprivate init(_ metadata: Logger.MetadataValue) {
    switch metadata {
    case .string(let text): self = .string(text)
    case .stringConvertible(let value):
      self =
        (value as? Bool).map { .bool($0) } ?? (value as? Int64).map { .integer($0) }
        ?? (value as? Double).map { .number($0) } ?? .string("\(value)")
    case .array(let values): self = .list(values.map { Value($0) })
    case .dictionary(let pairs):
      let pairs = pairs.map { (Value.string($0.key), Value($0.value)) }
      self = .table(Dictionary(uniqueKeysWithValues: pairs))
    }
  }
}
