/// Why a function cannot be registered under a name.
public struct RegistrationError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String

  package init(description: String) { self.description = description }
}
