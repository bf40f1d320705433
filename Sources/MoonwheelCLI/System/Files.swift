import Glibc

/// The kind of file at a path, with links followed.
enum PathKind {
  case folder
  case other

  /// Nil where there is nothing, or it may not be looked at.
  ///
  /// Safe because the system fills in a local variable.
  init?(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    self = status.st_mode & S_IFMT == S_IFDIR ? .folder : .other
  }
}

/// A file that is open for reading, and is closed with its owner.
///
/// Safe because the buffer outlives the calls that fill it, and the system's words are copied.
struct InputFile: ~Copyable {
  /// The system's words for a call that it refused.
  struct Refusal: Error {
    let words: String

    fileprivate init(_ code: Int32) { words = unsafe String(cString: strerror(code)) }

    fileprivate init(_ words: String) { self.words = words }
  }

  private static let pieceSize = 1 << 20
  private let descriptor: Int32
  private var buffer = [UInt8](repeating: 0, count: pieceSize)

  /// Refuses what cannot be read again from the start, as a pipe.
  init(_ path: String) throws(Refusal) {
    let opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { throw Refusal(errno) }
    guard lseek(opened, 0, SEEK_SET) == 0 else {
      close(opened)
      throw Refusal("it is no file")
    }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// The next bytes; none at the end.
  mutating func read() throws(Refusal) -> ArraySlice<UInt8> {
    while true {
      let count = unsafe Glibc.read(descriptor, &buffer, Self.pieceSize)
      if count >= 0 { return buffer[..<count] }
      guard errno == EINTR else { throw Refusal(errno) }
    }
  }
}
