import Logging

/// `--log pretty`: for people. See ``LogPretty`` for the spelling.
struct PrettyLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?
  var logLevel: Logger.Level
  private let sink: LogSink
  private let colours: Bool
  private let clock: @Sendable () -> Int64

  /// - Parameter colours: as the sink wants them if not given.
  init(
    sink: LogSink, level: Logger.Level = .info, colours: Bool? = nil,
    clock: @escaping @Sendable () -> Int64 = LogClock.wall
  ) {
    self.sink = sink
    self.colours = colours ?? sink.wantsColours
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
      event, loggerMetadata: metadata, provider: metadataProvider, wall: clock())
    let offset = LogClock.localOffset(at: record.wall)
    return LogPretty.text(record, offset: offset, colours: colours)
  }
}
