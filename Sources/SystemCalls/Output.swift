import Glibc

/// Calls on open descriptors that the caller writes to and somebody else closes: files, terminals, or pipes, which may
/// be full and may be set not to block.
///
/// Safe because the bytes and structures given to the system outlive the call and are passed with their length.
package enum Output {
  /// How many bytes a pipe takes as a whole, without those of another program in between (`PIPE_BUF`).
  package static let wholeWrite = 4_096

  /// Writes all bytes, and waits while there is no room. False if the system refuses, for example because the reader
  /// has closed the pipe.
  package static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count < 0, errno == EAGAIN {
        _ = isWritable(descriptor, within: -1)
      } else if count == 0 || errno != EINTR {
        return false
      }
    }
    return true
  }

  /// Whether a write of up to ``wholeWrite`` bytes would return at once, unless another writer comes first.
  package static func hasRoom(_ descriptor: Int32) -> Bool { isWritable(descriptor, within: 0) }

  /// Waits for room for some milliseconds; for any time if they are -1.
  private static func isWritable(_ descriptor: Int32, within milliseconds: Int32) -> Bool {
    var polled = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return unsafe poll(&polled, 1, milliseconds) == 1 && polled.revents & Int16(POLLOUT) != 0
  }

  package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// The width of a terminal in characters; nil if it is not known.
  package static func columns(_ descriptor: Int32) -> Int? {
    var size = winsize()
    let isKnown = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0
    return isKnown && size.ws_col > 0 ? Int(size.ws_col) : nil
  }
}
