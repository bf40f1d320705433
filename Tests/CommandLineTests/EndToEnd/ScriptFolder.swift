import TestSupport

/// A temporary folder of scripts.
final class ScriptFolder: Sendable {
  private let folder: TemporaryFolder

  var path: String { folder.path }

  init(_ scripts: [String: String] = [:]) throws {
    folder = try TemporaryFolder()
    for (name, text) in scripts { try write(name, text) }
  }

  func makeFolder(_ name: String) throws { try folder.folder(name) }

  func link(_ name: String, to target: String) throws { try folder.link(name, to: target) }

  /// Replaces a file by rename, as editors do.
  func write(_ name: String, _ text: String, in subfolder: String = ".") throws {
    try folder.write("\(subfolder)/.\(name).draft", text)
    try folder.move("\(subfolder)/.\(name).draft", "\(subfolder)/\(name)")
  }

  func remove(_ name: String) { folder.remove(name) }

  /// The names of its entries, sorted; none if it was removed.
  func names() -> [String] {
    do { return try folder.names } catch { return [] }
  }
}
