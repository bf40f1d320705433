import Glibc
import Synchronization

/// Collects lines for stdout, and writes them in large pieces.
final class LineBuffer: Sendable {
  private static let size = 1 << 16
  private let text = Mutex("")

  func append(_ line: String) {
    let full: String? = text.withLock { text in
      text += line
      text += "\n"
      guard text.utf8.count >= Self.size else { return nil }
      defer { text = "" }
      return text
    }
    guard let full, !write(full, to: STDOUT_FILENO) else { return }
    // The reader has closed the pipe: end as SIGPIPE does, which this thread blocks.
    kill(getpid(), SIGPIPE)
    exit(128 + SIGPIPE)
  }

  func flush() {
    let rest = text.withLock { text in
      defer { text = "" }
      return text
    }
    write(rest, to: STDOUT_FILENO)
  }
}
