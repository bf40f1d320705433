import Foundation

/// The checkout that this test was built from.
enum Repository {
  static var root: URL {
    URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  }

  /// All Swift and C files of the package's targets, by path. They are read once for all tests.
  static func sources() throws -> [SourceFile] { try read.get() }

  private static let read = Result { try readSources() }

  private static func readSources() throws -> [SourceFile] {
    let targets = try FileManager.default.contentsOfDirectory(
      atPath: root.appending(path: "Sources").path)
    var files = try targets.flatMap { try self.files(of: $0, in: "Sources/\($0)") }
    files += try self.files(of: "Stdlib", in: "stdlib")
    return files.sorted { $0.path < $1.path }
  }

  /// The paths of all files and folders below the root, but for what builds leave there.
  static func paths() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.path)
      .filter { !$0.hasPrefix(".") }
      .flatMap { top in
        let below = FileManager.default.enumerator(atPath: root.appending(path: top).path)
        return [top] + (below?.compactMap { $0 as? String } ?? []).map { "\(top)/\($0)" }
      }
      .filter { !$0.contains("/.") }
  }

  /// All texts that people read: sources, tests and documents, but for these tests, which quote what is banned.
  static func texts() throws -> [SourceFile] {
    let known = Dictionary(uniqueKeysWithValues: try sources().map { ($0.path, $0) })
    return try paths().filter { path in
      [".swift", ".c", ".h", ".lua", ".md"].contains { path.hasSuffix($0) }
        && !path.hasPrefix("Tests/ArchitectureTests/") && !path.hasPrefix("Benchmarks/.")
    }
    .map { path in
      try known[path]
        ?? SourceFile(target: "", path: path, text: text(of: root.appending(path: path)))
    }
  }

  static func manifest() throws -> String {
    try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
  }

  static func hasTests(_ folder: String) -> Bool {
    let contents = FileManager.default.enumerator(
      atPath: root.appending(path: "Tests/\(folder)").path)
    return contents?.contains { ($0 as? String)?.hasSuffix(".swift") ?? false } ?? false
  }

  private static func files(of target: String, in folder: String) throws -> [SourceFile] {
    try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
      .filter { path in [".swift", ".c", ".h"].contains { path.hasSuffix($0) } }
      .map { path in
        let path = "\(folder)/\(path)"
        return SourceFile(
          target: target, path: path, text: try text(of: root.appending(path: path)))
      }
  }

  /// Foundation leaks a buffer for each empty file that it reads, so it is not asked to.
  private static func text(of file: URL) throws -> String {
    let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize
    return size == 0 ? "" : try String(contentsOf: file, encoding: .utf8)
  }
}

/// The targets of a package manifest that hold sources.
enum Manifest {
  static func targets(_ manifest: String) -> [String] {
    // Names are string literals, so this reads the text as it is, not the stripped code.
    manifest.matches(
      of: /\.(?:target|executableTarget|systemLibrary|macro|plugin)\(\s*name:\s*"(\w+)"/
    ).map { String($0.1) }
  }

  static func testTargets(_ manifest: String) -> [String] {
    manifest.matches(of: /\.testTarget\(\s*name:\s*"(\w+)"/).map { String($0.1) }
  }
}
