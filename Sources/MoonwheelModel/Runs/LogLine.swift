import Triggers

/// A line that a run logged.
public struct LogLine: Sendable, Hashable {
  public var at: Timestamp
  /// "debug", "info", "warn" or "error".
  public var level: String
  public var message: String
  /// Nil if the line has none.
  public var fields: Value?

  public init(at: Timestamp, level: String, message: String, fields: Value? = nil) {
    self.at = at
    self.level = level
    self.message = message
    self.fields = fields
  }
}
