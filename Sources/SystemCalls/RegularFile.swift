import Glibc

/// Reads regular files.
package enum RegularFile {
  /// The bytes of a file that has `limit` bytes at most. A pipe or a device is refused, and never waited for.
  package static func read(_ path: String, atMost limit: Int) throws(FileError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError(path: path, reason: .system(errno)) }
    defer { close(descriptor) }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0 else {
      throw FileError(path: path, reason: .system(errno))
    }
    let status = FileStatus(information)
    guard status.kind == .file else { throw FileError(path: path, reason: .irregular) }
    guard status.version.size <= limit else { throw FileError(path: path, reason: .large(limit)) }
    return try read(descriptor, path, atMost: limit)
  }

  /// The file may grow meanwhile, and files of `/proc` have no size, so the limit is checked again.
  private static func read(
    _ descriptor: Int32, _ path: String, atMost limit: Int
  ) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    let piece = 65_536
    while bytes.count <= limit {
      let start = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: piece))
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress?.advanced(by: start), piece)
      }
      let code = errno
      bytes.removeLast(piece - max(0, count))
      if count == 0 { return bytes }
      guard count > 0 || code == EINTR else {
        throw FileError(path: path, reason: .system(code))
      }
    }
    throw FileError(path: path, reason: .large(limit))
  }
}

/// Why a file cannot be read. The description begins with the file's path.
package struct FileError: Error, CustomStringConvertible {
  enum Reason {
    /// The value of `errno`.
    case system(Int32)
    case irregular
    /// More bytes than this limit.
    case large(Int)
  }

  let path: String
  let reason: Reason

  /// There is no such file.
  package var isMissing: Bool {
    if case .system(let code) = reason { code == ENOENT || code == ENOTDIR } else { false }
  }

  package var description: String {
    switch reason {
    case .system(let code): SystemCallError(call: path, code: code).description
    case .irregular: "\(path): this is not a regular file"
    case .large(let limit): "\(path): this is larger than \(limit >> 20) MiB, the most that is read"
    }
  }
}
