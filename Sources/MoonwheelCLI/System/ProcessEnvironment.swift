import Glibc

/// The variables that the process was started with.
enum ProcessEnvironment {
  /// Nil where the variable is not set, or empty.
  ///
  /// Safe because the text is copied at once, and the program sets no variables.
  static func value(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }
}
