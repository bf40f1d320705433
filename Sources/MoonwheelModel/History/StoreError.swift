/// Why a store cannot do what it is asked; says what to do about it.
public struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// Another host has it open for writing.
    case held
    /// Locked for the moment by another process.
    case busy
    case readOnly
    case full
    /// Damaged.
    case corrupt
    /// A file of another program.
    case foreign
    /// Written by a newer version.
    case newer
    case missing
    /// Another file is there now than the one that the host has open.
    case replaced
    /// Reading or writing failed for another reason.
    case io
    /// Closed, or not loaded.
    case closed
  }

  public let code: Code
  /// Names the file and the remedy.
  public let description: String

  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
