import Logging

/// Records log lines, for a test to check.
public final class LogRecorder: Sendable {
  public struct Line: Sendable {
    public var level: Logger.Level
    public var message: String
    public var metadata: [String: String]

    public var script: String? { metadata["script"] }
    public var job: String? { metadata["job"] }
    public var event: String? { metadata["event"] }
    /// Whether a script printed or logged it.
    public var isSaid: Bool { event == nil && script != nil }
  }

  private let kept = Recording<Line>()

  public init() {}

  public var lines: [Line] { kept.all }
  public var messages: [String] { lines.map(\.message) }
  /// The messages that scripts printed and logged, without those of the host.
  public var said: [String] { lines.filter(\.isSaid).map(\.message) }
  /// The messages that the host logged for an event of this name.
  public func messages(of event: String) -> [String] {
    lines.filter { $0.event == event }.map(\.message)
  }

  public func removeAll() { kept.removeAll() }

  /// Blocks until the condition holds, for this many seconds at most. Returns whether it holds.
  public func wait(seconds: Double = 10, until isDone: ([Line]) -> Bool) -> Bool {
    kept.wait(seconds: seconds, until: isDone)
  }

  public var logger: Logger {
    Logger(label: "test") { _ in Handler(recorder: self) }
  }

  fileprivate func append(_ line: Line) { kept.append(line) }

  private struct Handler: LogHandler {
    let recorder: LogRecorder
    var logLevel = Logger.Level.trace
    var metadata = Logger.Metadata()

    init(recorder: LogRecorder) { self.recorder = recorder }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
      recorder.append(
        Line(
          level: event.level, message: "\(event.message)", metadata: all.mapValues { "\($0)" }))
    }
  }
}
