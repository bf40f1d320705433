import Logging
import MoonwheelModel
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
  /// What scripts printed and logged, without what the host says of them.
  public var said: [String] { lines.filter { $0.event == nil && $0.script != nil }.map(\.message) }
  /// What the host said under the name of an event.
  public func messages(of event: String) -> [String] {
    lines.filter { $0.event == event }.map(\.message)
  }

  public func removeAll() { kept.withLock { $0.removeAll() } }

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
