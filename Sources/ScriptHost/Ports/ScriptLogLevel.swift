import Logging

/// The levels of `log.*` in a script.
enum ScriptLogLevel: String, Sendable {
  case debug, info, warn, error

  var level: Logger.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warn: .warning
    case .error: .error
    }
  }
}
