import Glibc
import Logging

/// The form of the log on stderr.
enum LogFormat: String, CaseIterable {
  case pretty, json

  /// A logger whose callers wait for a slow reader of stderr. For commands that have nothing else to do.
  var logger: Logger {
    var logger = Logger(label: "moonwheel") { _ in LineLogHandler(self, sink: .standardError) }
    logger.logLevel = .debug
    return logger
  }

  /// A logger whose callers never wait: from now on a thread of its own writes to stderr. When the process exits, the
  /// reader has `drainTimeout` nanoseconds to read the rest; nil means no limit.
  func hostLogger(drainTimeout: Int64?) throws -> Logger {
    try LogSink.standardError.startQueue(drainTimeout: drainTimeout) { omitted in
      let event = LogEvent(
        level: .warning,
        message:
          "\(omitted) lines of the log were left out: the reader was too slow, or closed the log",
        error: nil, metadata: ["omitted": .stringConvertible(omitted)], source: nil, file: #fileID,
        function: #function, line: #line)
      return LineLogHandler(self, sink: .standardError).text(event)
    }
    // At every exit of the process: the end of the command, a second signal, an error.
    atexit { LogSink.standardError.drain() }
    return logger
  }
}
