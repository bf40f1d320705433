import Logging
import Triggers

/// One line of the log before it is written in a form.
package struct LogRecord {
  package let time: Timestamp
  let level: Logger.Level
  let message: String
  let metadata: Logger.Metadata

  /// The metadata that has a place of its own; all other metadata are fields.
  static let places = ["script", "job", "run", "event", "payload"]

  var fields: Logger.Metadata { metadata.filter { !Self.places.contains($0.key) } }

  /// Where keys collide, the provider's metadata replaces the logger's, and the event's replaces both.
  package init(
    _ event: LogEvent, loggerMetadata: Logger.Metadata, provider: Logger.MetadataProvider?,
    time: Timestamp
  ) {
    var metadata = loggerMetadata
    for more in [provider?.get(), event.metadata] {
      if let more { metadata.merge(more) { _, new in new } }
    }
    if let error = event.error, metadata["error"] == nil { metadata["error"] = "\(error)" }
    self.time = time
    level = event.level
    message = event.message.description
    self.metadata = metadata
  }
}
