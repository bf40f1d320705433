/// Why the scheduler did not accept an event.
public struct EmitError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of an ``EmitError``.
  public enum Code: String, Sendable {
    case invalidName
    /// At least one handler's queue was full; the others have the event.
    case queueFull
    /// The payload is larger than a message may be: `IsolateLimits.messageBytes`.
    case tooLarge
  }

  public let code: Code
  public let description: String

  package init(code: Code, description: String) {
    self.code = code
    self.description = description
  }
}
