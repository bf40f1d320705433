import Glibc
import SystemCalls

/// A folder that the object removes, with everything in it, when it is released.
///
/// Safe because the texts and arrays given to the system outlive the call and are passed with their length.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init() throws(SystemCallError) {
    var name = Array("/tmp/moonwheel-test-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&name) != nil else { throw SystemCallError(call: "mkdtemp", code: errno) }
    path = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    // mkdtemp gives rights to the owner alone, but some tests continue as another user.
    try check(unsafe chmod(path, 0o755) == 0, "chmod", path)
  }

  deinit { TemporaryFolder.remove(path) }

  package func path(_ name: String) -> String { "\(path)/\(name)" }

  /// The sorted names of the files and folders in it.
  package var names: [String] {
    get throws(SystemCallError) { try FolderEntries.names(in: path) }
  }

  package func write(_ name: String, _ text: String = "x") throws(SystemCallError) {
    let file = try open(name, O_WRONLY | O_CREAT | O_TRUNC)
    defer { close(file) }
    try add(text, to: file)
  }

  package func open(_ name: String, _ flags: Int32) throws(SystemCallError) -> Int32 {
    let file = unsafe Glibc.open(path(name), flags, 0o644)
    try check(file >= 0, "open", name)
    return file
  }

  package func add(_ text: String, to file: Int32) throws(SystemCallError) {
    let count = unsafe Glibc.write(file, text, text.utf8.count)
    try check(count == text.utf8.count, "write", path)
  }

  /// Copies a file of any folder into this one.
  package func copy(_ path: String, to name: String) throws {
    var rest = try RegularFile.read(path, atMost: 1 << 30)[...]
    let file = try open(name, O_WRONLY | O_CREAT | O_TRUNC)
    defer { close(file) }
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      try check(count > 0, "write", name)
      rest = rest.dropFirst(count)
    }
  }

  package func folder(_ name: String) throws(SystemCallError) {
    try check(unsafe mkdir(path(name), 0o755) == 0, "mkdir", name)
  }

  package func move(_ from: String, _ to: String) throws(SystemCallError) {
    try check(unsafe rename(path(from), path(to)) == 0, "rename", from)
  }

  package func link(_ name: String, to target: String) throws(SystemCallError) {
    try check(unsafe symlink(target, path(name)) == 0, "symlink", name)
  }

  /// Removes a file, or a folder with everything in it. Does nothing if the name is not there.
  package func remove(_ name: String) { TemporaryFolder.remove(path(name)) }

  private func check(_ isDone: Bool, _ call: String, _ name: String) throws(SystemCallError) {
    guard isDone else { throw SystemCallError(call: "\(call) \(name)", code: errno) }
  }

  private static func remove(_ path: String) {
    if let status = FileStatus(of: path, followingLinks: false), status.kind == .folder {
      do {
        for name in try FolderEntries.names(in: path) { remove("\(path)/\(name)") }
      } catch {
        print("\(path) cannot be removed: \(error)")
      }
    }
    _ = unsafe Glibc.remove(path)
  }
}
