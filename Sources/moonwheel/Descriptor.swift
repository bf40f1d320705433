import Glibc

/// Writing to what the program was started with, whatever that is: a file, a terminal, a pipe that may be full or made
/// not to block.
///
/// Safe because the bytes given to the system outlive the call and are passed with their length.
enum Descriptor {
  /// How many bytes a pipe takes in one piece, so that nothing of another program comes between (`PIPE_BUF`).
  static let wholeWrite = 4_096

  /// Writes all, and waits where there is no room. False when the system refuses, as for a reader that has gone away.
  static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count < 0, errno == EAGAIN {
        waitUntilWritable(descriptor)
      } else if count == 0 || errno != EINTR {
        return false
      }
    }
    return true
  }

  /// Whether a write of up to ``wholeWrite`` bytes would not wait, as far as nobody else writes meanwhile.
  static func hasRoom(_ descriptor: Int32) -> Bool {
    var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return unsafe poll(&polled, 1, 0) == 1 && polled.revents & Int16(POLLOUT) != 0
  }

  private static func waitUntilWritable(_ descriptor: Int32) {
    var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = unsafe poll(&polled, 1, -1)
  }
}
