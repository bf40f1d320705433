import ArgumentParser
import Glibc
import Logging

/// The form of the log on stderr.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
  case pretty, json

  /// Whoever logs waits for a slow reader of stderr: for commands that serve nobody meanwhile.
  var logger: Logger {
    var logger = Logger(label: "moonwheel") { _ in
      switch self {
      case .json: JSONLogHandler(sink: .standardError)
      case .pretty: PrettyLogHandler(sink: .standardError)
      }
    }
    logger.logLevel = .debug
    return logger
  }

  /// Nobody waits for the reader but a thread of the log's own, from here on and for whatever goes to stderr. When the
  /// process exits, the reader has `patience` nanoseconds to take what is left; nil is for ever.
  func hostLogger(patience: Int64?) throws -> Logger {
    try LogSink.standardError.startQueue(patience: patience) { omitted in
      let event = LogEvent(
        level: .warning,
        message: "\(omitted) lines of the log were left out: its reader was too slow, or away",
        error: nil, metadata: ["omitted": .stringConvertible(omitted)], source: nil, file: #fileID,
        function: #function, line: #line)
      return switch self {
      case .json: JSONLogHandler(sink: .standardError).text(event)
      case .pretty: PrettyLogHandler(sink: .standardError).text(event)
      }
    }
    // However the process ends by itself: a command that is over, a second signal, an error.
    atexit { LogSink.standardError.drain() }
    return logger
  }
}
