import Glibc
import Synchronization
import SystemCalls

/// The descriptor that log lines and error messages go to. All handlers share it.
///
/// The caller writes its line, and waits for a slow reader, until ``startQueue(drainTimeout:omission:)`` gives the sink
/// a writer thread. From then on only that thread waits.
final class LogSink: Sendable {
  static let standardError = LogSink(descriptor: STDERR_FILENO)

  private let descriptor: Int32
  /// Held during the write on purpose: if the system takes only part of a line, the rest must come next.
  private let turn = Mutex(())
  private let queue = AtomicLazyReference<LogQueue>()

  /// - Parameter descriptor: the caller keeps it, and closes it.
  init(descriptor: Int32) { self.descriptor = descriptor }

  /// Writes a line. Without a queue, a line that the system refuses is lost.
  func write(_ line: String) {
    if let queue = queue.load() {
      queue.append(line)
    } else {
      turn.withLock { _ in _ = Output.write(Array((line + "\n").utf8)[...], to: descriptor) }
    }
  }

  /// Starts a writer thread: from now on no caller of ``write(_:)`` waits.
  ///
  /// - Parameters:
  ///   - drainTimeout: the most nanoseconds that ``drain()`` waits for the reader; nil means no limit.
  ///   - omission: makes the line that says how many lines were left out.
  func startQueue(
    drainTimeout: Int64?, omission: @escaping @Sendable (Int) -> String
  ) throws {
    let queue = LogQueue(descriptor: descriptor, drainTimeout: drainTimeout, omission: omission)
    try queue.start()
    _ = self.queue.storeIfNil(queue)  // keep an earlier queue
  }

  /// Waits until all lines so far are written, for the drain timeout of the queue at most.
  func drain() { queue.load()?.drain() }

  /// Whether to write colors: the descriptor is a terminal that has them, and `NO_COLOR` is not set (no-color.org).
  var hasColors: Bool {
    Output.isTerminal(descriptor) && Environment.nonEmpty("NO_COLOR") == nil
      && Environment.nonEmpty("TERM") != "dumb"
  }
}
