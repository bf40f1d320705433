/// The reason why a store cannot do what it is asked, with a remedy in the description.
public struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of a ``StoreError``.
  public enum Code: String, Sendable {
    /// Another host has the store open for writing.
    case held
    /// Another process holds a lock for the moment.
    case busy
    case readOnly
    case full
    /// The file is damaged.
    case corrupt
    /// The file belongs to another program.
    case foreign
    /// A newer version of Moonwheel wrote the file.
    case newer
    case missing
    /// The path no longer leads to the file that the host has open.
    case replaced
    /// Reading or writing failed for another reason.
    case io
    /// The store is closed, or has not been loaded.
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
