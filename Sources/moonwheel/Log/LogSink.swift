import Glibc
import Synchronization

/// Where log lines and complaints go: a descriptor that all handlers share.
///
/// A line is written by the caller, who waits for a slow reader, until ``startQueue(patience:omission:)`` gives the sink
/// a writer thread: from then on nobody waits for a reader but that thread.
final class LogSink: Sendable {
  static let standardError = LogSink(descriptor: STDERR_FILENO)

  private let descriptor: Int32
  /// Held while writing, on purpose: the rest of a line that was cut must follow it.
  private let turn = Mutex(())
  private let queue = AtomicLazyReference<LogQueue>()

  /// - Parameter descriptor: stays the caller's.
  init(descriptor: Int32) { self.descriptor = descriptor }

  /// A line that cannot be written is lost: there is nowhere to tell it.
  func write(_ line: String) {
    if let queue = queue.load() {
      queue.append(line)
    } else {
      turn.withLock { _ in _ = Descriptor.write(Array((line + "\n").utf8)[...], to: descriptor) }
    }
  }

  /// From here on no caller of ``write(_:)`` waits: lines that find no room are left out, and `omission` makes the line
  /// that says how many. ``drain()`` waits for the reader at most as long as `patience`, in nanoseconds; nil is for ever.
  func startQueue(
    patience: Int64?, omission: @escaping @Sendable (Int) -> String
  ) throws {
    let queue = LogQueue(descriptor: descriptor, patience: patience, omission: omission)
    try queue.start()
    _ = self.queue.storeIfNil(queue)  // the one that was there stays, where there was one
  }

  /// Waits until what was written has gone out, within the patience of the queue.
  func drain() { queue.load()?.drain() }

  /// Whether colours are wanted: a terminal reads, and nothing says no (see no-color.org).
  var wantsColours: Bool {
    isatty(descriptor) == 1 && LogSink.variable("NO_COLOR").isEmpty
      && LogSink.variable("TERM") != "dumb"
  }

  /// Empty if not set. Safe because the text is copied at once, and the program sets no variables.
  private static func variable(_ name: String) -> String {
    guard let value = unsafe getenv(name) else { return "" }
    return unsafe String(cString: value)
  }
}
