import Logging
import MoonwheelModel

/// The door of the log: each line of the host goes through it.
struct SecretLogHandler: LogHandler {
  private var base: any LogHandler
  private let secrets: GivenSecrets
  /// They name what a line is about. A script cannot choose them freely.
  private static let names: Set<String> = ["script", "job", "run", "event"]

  init(_ base: any LogHandler, _ secrets: GivenSecrets) {
    self.base = base
    self.secrets = secrets
  }

  var metadata: Logger.Metadata {
    get { base.metadata }
    set { base.metadata = newValue }
  }

  var metadataProvider: Logger.MetadataProvider? {
    get { base.metadataProvider }
    set { base.metadataProvider = newValue }
  }

  var logLevel: Logger.Level {
    get { base.logLevel }
    set { base.logLevel = newValue }
  }

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { base[metadataKey: key] }
    set { base[metadataKey: key] = newValue }
  }

  func log(event: LogEvent) {
    guard let mask = secrets.mask else { return base.log(event: event) }
    var event = event
    event.message = "\(mask.masked(event.message.description))"
    if let metadata = event.metadata {
      event.metadata = Dictionary(
        metadata.map { key, value in
          Self.names.contains(key) ? (key, value) : (mask.masked(key), mask.masked(value))
        }
      ) { first, _ in first }
    }
    base.log(event: event)
  }
}

extension SecretMask {
  fileprivate func masked(_ value: Logger.MetadataValue) -> Logger.MetadataValue {
    switch value {
    case .string(let text): .string(masked(text))
    case .stringConvertible(let shown): .string(masked(shown.description))
    case .array(let values): .array(values.map { masked($0) })
    case .dictionary(let pairs):
      .dictionary(
        Dictionary(pairs.map { (masked($0.key), masked($0.value)) }) { first, _ in first })
    }
  }
}

extension Logger {
  /// The logger behind the door.
  package func masking(_ secrets: GivenSecrets) -> Logger {
    var logger = self
    logger.handler = SecretLogHandler(handler, secrets)
    return logger
  }
}
