import Logging
import Synchronization

/// Keeps what is logged, for a test to look at.
public final class LogRecorder: Sendable {
  public struct Line: Sendable {
    public var level: Logger.Level
    public var message: String
    public var metadata: [String: String]

    public var script: String? { metadata["script"] }
    public var job: String? { metadata["job"] }
    public var event: String? { metadata["event"] }
  }

  private let kept = Mutex<[Line]>([])

  public init() {}

  public var lines: [Line] { kept.withLock { $0 } }
  public var messages: [String] { lines.map(\.message) }

  public var logger: Logger {
    Logger(label: "test") { _ in Handler(recorder: self) }
  }

  fileprivate func append(_ line: Line) { kept.withLock { $0.append(line) } }

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
