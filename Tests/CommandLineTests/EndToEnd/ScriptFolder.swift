import Glibc
import Testing

/// A folder of scripts that goes with its object.
final class ScriptFolder: Sendable {
  let path: String

  /// Safe because the name outlives the call.
  init(_ scripts: [String: String] = [:]) throws {
    var name = Array("/tmp/moonwheel-cli-XXXXXX".utf8CString)
    let made = unsafe mkdtemp(&name) != nil
    try #require(made)
    path = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    for (name, text) in scripts { try write(name, text) }
  }

  deinit {
    for folder in ["\(path)/.moonwheel", "\(path)/lib"] {
      for name in Self.names(in: folder) { unsafe unlink("\(folder)/\(name)") }
      unsafe rmdir(folder)
    }
    for name in names() { unsafe unlink("\(path)/\(name)") }
    unsafe rmdir(path)
  }

  /// Only `lib` goes with the object.
  func makeFolder(_ name: String) throws {
    try #require(unsafe mkdir("\(path)/\(name)", 0o755) == 0, "\(name): errno \(errno)")
  }

  /// Replaces a file by rename, as editors do.
  func write(_ name: String, _ text: String, in folder: String = ".") throws {
    let path = "\(path)/\(folder)"
    let draft = "\(path)/.\(name).draft"
    let file = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    try #require(file >= 0, "\(name): errno \(errno)")
    try #require(unsafe Glibc.write(file, text, text.utf8.count) == text.utf8.count)
    close(file)
    try #require(unsafe rename(draft, "\(path)/\(name)") == 0, "\(name): errno \(errno)")
  }

  /// What is in it, sorted.
  func names() -> [String] { Self.names(in: path) }

  private static func names(in path: String) -> [String] {
    guard let folder = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
