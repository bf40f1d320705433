import TestSupport

/// A temporary folder of scripts.
final class ScriptFolder: Sendable {
  private let folder: TemporaryFolder

  var path: String { folder.path }

  init(_ scripts: [String: String] = [:]) throws {
    folder = try TemporaryFolder()
    for (name, text) in scripts { try write(name, text) }
  }

  /// Replaces a file by rename, as editors do.
  func write(_ name: String, _ text: String) throws {
    try folder.write(".\(name).draft", text)
    try folder.move(".\(name).draft", name)
  }

  /// The names of what is in it, sorted; none once it is removed.
  func names() -> [String] {
    do { return try folder.names } catch { return [] }
  }
}
