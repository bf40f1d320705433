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
    return try read(descriptor, path, size: Int(status.version.size), atMost: limit)
  }

  /// The file may grow meanwhile, and files of `/proc` have no size, so the limit is checked again.
  private static func read(
    _ descriptor: Int32, _ path: String, size: Int, atMost limit: Int
  ) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      let wanted = bytes.isEmpty ? size + 1 : 65_536
      var code: Int32 = 0
      // Filled by the system: an array of zeros takes a debug build as long as all else that it does for a script.
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
        let count = unsafe Glibc.read(descriptor, buffer.baseAddress, wanted)
        if count < 0 { code = errno }
        filled = max(0, count)
      }
      guard code == 0 || code == EINTR else {
        throw FileError(path: path, reason: .system(code))
      }
      if piece.isEmpty, code == 0 { return bytes }
      if bytes.isEmpty { bytes = piece } else { bytes += piece }
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
