import Logging
import Moonwheel
import MoonwheelReports
import SystemCalls

/// `--log pretty`: for people, in the form of ``LogPretty``.
struct PrettyLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level
  private let sink: LogSink
  private let hasColors: Bool
  private let clock: @Sendable () -> Int64

  /// - Parameter clock: nanoseconds since 1970.
  init(
    sink: LogSink, level: Logger.Level = .info,
    clock: @escaping @Sendable () -> Int64 = Clocks.wall
  ) {
    self.sink = sink
    hasColors = sink.hasColors
    self.clock = clock
    logLevel = level
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
    let offset = LocalTime.offset(atSecond: record.time.seconds)
    return LogPretty.text(record, offset: offset, hasColors: hasColors)
  }
}
