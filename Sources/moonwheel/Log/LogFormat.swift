import ArgumentParser
import Logging

/// The form of the log on stderr.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
  case pretty, json

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
}
