import Glibc

/// The environment of the process.
package enum Environment {
  /// A variable's value; nil if it is not set.
  ///
  /// Safe because the text is copied before the return. Nothing in this program changes the environment.
  @Sendable package static func value(of name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }
}
