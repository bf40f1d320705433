import Glibc
import WorkerPool

/// Why a file cannot be read: begins with its path.
struct FileError: Error, CustomStringConvertible {
  let description: String
  /// There is no such file.
  var isMissing = false

  fileprivate init(_ path: String, _ reason: String) { description = "\(path): \(reason)" }

  fileprivate init(_ path: String, code: Int32) {
    self.init(path, unsafe String(cString: strerror(code)))
    isMissing = code == ENOENT || code == ENOTDIR
  }
}

/// A script or module of more bytes is a mistake.
private let mostBytes = 16 << 20

/// The bytes of a regular file. A pipe or a device is refused, and never waited for.
func readFile(_ path: String) throws(FileError) -> [UInt8] {
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { throw FileError(path, code: errno) }
  defer { close(descriptor) }
  var status = stat()
  guard unsafe fstat(descriptor, &status) == 0 else { throw FileError(path, code: errno) }
  guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(path, "this is no regular file") }
  var bytes: [UInt8] = []
  let piece = 65_536
  while bytes.count <= mostBytes, status.st_size <= mostBytes {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: piece))
    let count = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe read(descriptor, buffer.baseAddress?.advanced(by: start), piece)
    }
    let code = errno
    bytes.removeLast(piece - max(0, count))
    if count == 0 { return bytes }
    guard count > 0 || code == EINTR else { throw FileError(path, code: code) }
  }
  throw FileError(path, "this is larger than 16 MiB, so it cannot be a script")
}
