import Logging
import Triggers

/// One line of the log before it is written in a form.
///
/// The metadata `script`, `job`, `run`, `event` and `payload` have places of their own; all others are fields.
package struct LogRecord {
  package let time: Timestamp
  let level: Logger.Level
  let message: String
  let script: Logger.MetadataValue?
  let job: Logger.MetadataValue?
  let run: Logger.MetadataValue?
  let event: Logger.MetadataValue?
  let payload: Logger.MetadataValue?
  let fields: Logger.Metadata

  /// Where keys collide, the provider's metadata replaces the logger's, and the event's replaces both.
  package init(
    _ event: LogEvent, loggerMetadata: Logger.Metadata, provider: Logger.MetadataProvider?,
    time: Timestamp
  ) {
    var fields = loggerMetadata
    for more in [provider?.get(), event.metadata] {
      if let more { fields.merge(more) { _, new in new } }
    }
    if let error = event.error, fields["error"] == nil { fields["error"] = "\(error)" }
    self.time = time
    level = event.level
    message = event.message.description
    script = fields.removeValue(forKey: "script")
    job = fields.removeValue(forKey: "job")
    run = fields.removeValue(forKey: "run")
    self.event = fields.removeValue(forKey: "event")
    payload = fields.removeValue(forKey: "payload")
    self.fields = fields
  }
}
