import Glibc

/// A temporary folder; it is removed with its contents when the object goes.
public final class Folder {
  public let path: String

  /// Safe because the name outlives the call.
  public init() {
    var name = Array("/tmp/moonwheel-bench-XXXXXX".utf8CString)
    let isMade = unsafe mkdtemp(&name) != nil
    precondition(isMade, "no folder: error \(errno)")
    path = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  public func write(_ text: String, to name: String) {
    let file = "\(path)/\(name)"
    let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    precondition(descriptor >= 0, "\(file) cannot be written: error \(errno)")
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    let count = unsafe Glibc.write(descriptor, bytes, bytes.count)
    precondition(count == bytes.count, "\(file) cannot be written: error \(errno)")
  }

  deinit { Child(["rm", "-r", "--", path])?.wait() }
}
