import Glibc

/// Lines that somebody types on the terminal on stdin.
///
/// Call it on a thread that blocks `SIGTTIN`, as those that the program starts do: when the process is in the background,
/// the system then refuses a read, and does not stop the process.
///
/// Safe because the system is told the length of the array that it fills in.
package enum TerminalInput {
  /// A longer line is cut.
  private static let maxLine = 1_024

  /// Whether stdin is a terminal whose input this process gets, not another job of the shell.
  package static var isPresent: Bool {
    isatty(STDIN_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp()
  }

  /// Forgets what was typed and not read yet: it was typed before the question that comes now.
  package static func discard() { tcflush(STDIN_FILENO, TCIFLUSH) }

  /// Waits for a line, and returns it without its end. Nil at the end of the input, or if the process is in the
  /// background.
  package static func readLine() -> String? {
    var line: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 256)
    while true {
      let count = unsafe read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      for byte in buffer.prefix(count) {
        if byte == 10 { return String(decoding: line, as: UTF8.self) }
        if line.count < maxLine { line.append(byte) }
      }
    }
  }
}
