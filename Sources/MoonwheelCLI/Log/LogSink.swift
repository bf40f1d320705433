import Glibc
import Synchronization

/// The descriptor that log lines and error messages go to. All handlers share it.
///
/// The caller writes its line, and waits for a slow reader, until ``startQueue(patience:omission:)`` gives the sink a
/// writer thread. From then on only that thread waits.
final class LogSink: Sendable {
  static let standardError = LogSink(descriptor: STDERR_FILENO)

  private let descriptor: Int32
  /// Held during the write, on purpose: where the system takes only part of a line, the rest must come next.
  private let turn = Mutex(())
  private let queue = AtomicLazyReference<LogQueue>()

  /// - Parameter descriptor: the caller keeps it, and closes it.
  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Without a queue, a line that cannot be written is lost.
  func write(_ line: String) {
    if let queue = queue.load() {
      queue.append(line)
    } else {
      turn.withLock { _ in _ = Descriptor.write(Array((line + "\n").utf8)[...], to: descriptor) }
    }
  }

  /// From here on no caller of ``write(_:)`` waits.
  ///
  /// - Parameters:
  ///   - patience: nanoseconds that ``drain()`` waits for the reader at most; nil is for ever.
  ///   - omission: makes the line that says how many lines found no room and were left out.
  func startQueue(
    patience: Int64?, omission: @escaping @Sendable (Int) -> String
  ) throws {
    let queue = LogQueue(descriptor: descriptor, patience: patience, omission: omission)
    try queue.start()
    _ = self.queue.storeIfNil(queue)  // an earlier queue stays
  }

  /// Waits until all lines so far are written, within the patience of the queue.
  func drain() { queue.load()?.drain() }

  /// Whether to write colors: a terminal reads that has them, and `NO_COLOR` is not set (no-color.org).
  var hasColors: Bool {
    Descriptor.isTerminal(descriptor) && ProcessEnvironment.value("NO_COLOR") == nil
      && ProcessEnvironment.value("TERM") != "dumb"
  }
}
