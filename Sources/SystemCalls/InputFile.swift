import Glibc

/// A file that is read in pieces. The owner's end closes it.
///
/// Safe because the buffer outlives the calls that fill it, and the system's words are copied.
package struct InputFile: ~Copyable {
  /// The reason why a file cannot be read, without its path.
  package struct Refusal: Error, CustomStringConvertible {
    package let description: String

    fileprivate init(_ error: SystemCallError) { description = error.reason }

    fileprivate init(_ description: String) { self.description = description }
  }

  private static let pieceSize = 1 << 20
  private let descriptor: Descriptor
  private var buffer = [UInt8](repeating: 0, count: pieceSize)

  /// Opens a file from which the bytes can be read again. Throws for a pipe.
  package init(_ path: String) throws(Refusal) {
    descriptor = try Self.open(path)
  }

  private static func open(_ path: String) throws(Refusal) -> Descriptor {
    let descriptor: Descriptor
    do {
      descriptor = try Descriptor(unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC), of: "open")
    } catch {
      throw Refusal(error)
    }
    guard lseek(descriptor.number, 0, SEEK_SET) == 0 else { throw Refusal("this is not a file") }
    return descriptor
  }

  /// The next bytes, 1 MiB at most; none at the end of the file.
  package mutating func read() throws(Refusal) -> ArraySlice<UInt8> {
    while true {
      let count = unsafe Glibc.read(descriptor.number, &buffer, Self.pieceSize)
      if count >= 0 { return buffer[..<count] }
      guard errno == EINTR else { throw Refusal(SystemCallError(call: "read")) }
    }
  }
}
