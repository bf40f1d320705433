import Logging
import Moonwheel
import MoonwheelReports
import SystemCalls

/// Writes log lines to a sink in the form of ``LogJSON`` or ``LogPretty``.
struct LineLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel = Logger.Level.info
  private let format: LogFormat
  private let sink: LogSink
  private let hasColors: Bool
  private let clock: @Sendable () -> Int64

  /// - Parameter clock: nanoseconds since 1970.
  init(_ format: LogFormat, sink: LogSink, clock: @escaping @Sendable () -> Int64 = Clocks.wall) {
    self.format = format
    self.sink = sink
    hasColors = sink.hasColors
    self.clock = clock
  }

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { sink.write(text(event)) }

  func text(_ event: LogEvent) -> String {
    let record = LogRecord(
      event, loggerMetadata: metadata, provider: metadataProvider,
      time: Timestamp(nanoseconds: clock()))
    switch format {
    case .json: return LogJSON.line(record)
    case .pretty:
      let offset = LocalTime.offset(atSecond: record.time.seconds)
      return LogPretty.text(record, offset: offset, hasColors: hasColors)
    }
  }
}
