/// Thrown by a Swift function to return `nil, message, code` to the script, as `io.open` does.
public struct Refusal: Error, Sendable, Hashable {
  public var message: String
  public var code: String

  public init(_ message: String, code: String = "refused") {
    self.message = message
    self.code = code
  }
}
