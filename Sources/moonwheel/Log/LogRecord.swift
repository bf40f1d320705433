import Logging

/// One line of the log before it is spelled.
///
/// The metadata `script`, `job`, `run`, `event` and `payload` have places of their own; whatever
/// else there is are fields.
struct LogRecord {
  /// Nanoseconds since 1970.
  let wall: Int64
  let level: Logger.Level
  let message: String
  let script: Logger.MetadataValue?
  let job: Logger.MetadataValue?
  let run: Logger.MetadataValue?
  let event: Logger.MetadataValue?
  let payload: Logger.MetadataValue?
  let fields: Logger.Metadata

  /// What is given first yields to what comes after it: the logger's metadata, the provider's, the
  /// event's.
  init(
    _ event: LogEvent, loggerMetadata: Logger.Metadata, provider: Logger.MetadataProvider?,
    wall: Int64
  ) {
    var fields = loggerMetadata
    for more in [provider?.get(), event.metadata] {
      if let more { fields.merge(more) { _, new in new } }
    }
    if let error = event.error, fields["error"] == nil { fields["error"] = "\(error)" }
    self.wall = wall
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
