import Glibc

/// Collects lines for stdout, and writes them in large pieces.
struct LineBuffer {
  private static let size = 1 << 16
  private var text = ""

  mutating func append(_ line: String) {
    text += line
    text += "\n"
    guard text.utf8.count >= Self.size, !flush() else { return }
    // The reader has closed the pipe: end as SIGPIPE does, which this thread blocks.
    kill(getpid(), SIGPIPE)
    exit(128 + SIGPIPE)
  }

  /// Answers whether the lines could be written.
  @discardableResult
  mutating func flush() -> Bool {
    defer { text = "" }
    return write(text, to: STDOUT_FILENO)
  }
}
