import Glibc
import Synchronization

/// Where log lines go: a descriptor that all handlers share.
///
/// Safe because the bytes given to the system outlive the call and are passed with their length.
final class LogSink: Sendable {
  static let standardError = LogSink(descriptor: STDERR_FILENO)

  private let descriptor: Int32
  /// Held while writing, on purpose: the rest of a line that was cut must follow it.
  private let turn = Mutex(())

  /// - Parameter descriptor: stays the caller's.
  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Writes a line in one call if the system takes it whole, and waits where it takes none.
  ///
  /// A line that cannot be written is lost: there is nowhere to tell it.
  func write(_ line: String) {
    var bytes = Array(line.utf8)
    bytes.append(UInt8(ascii: "\n"))
    turn.withLock { _ in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes {
          unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        if count > 0 {
          rest = rest.dropFirst(count)
        } else if count < 0, errno == EAGAIN {
          waitUntilWritable()
        } else if count == 0 || errno != EINTR {
          return
        }
      }
    }
  }

  /// Whether colours are wanted: a terminal reads, and nothing says no (see no-color.org).
  var wantsColours: Bool {
    isatty(descriptor) == 1 && LogSink.variable("NO_COLOR").isEmpty
      && LogSink.variable("TERM") != "dumb"
  }

  private func waitUntilWritable() {
    var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = unsafe poll(&polled, 1, -1)
  }

  /// Empty if not set. Safe because the text is copied at once, and the program sets no variables.
  private static func variable(_ name: String) -> String {
    guard let value = unsafe getenv(name) else { return "" }
    return unsafe String(cString: value)
  }
}
