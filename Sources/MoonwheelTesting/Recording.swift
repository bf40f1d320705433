import SystemCalls
import WorkerPool

/// What a test has recorded, in its order, and a wait for more of it.
struct Recording<Element: Sendable>: Sendable {
  private let kept = Condition([Element]())

  var all: [Element] { kept.withLock { $0 } }

  func append(_ element: Element) {
    kept.withLock { $0.append(element) }
    kept.broadcast()
  }

  func removeAll() { kept.withLock { $0.removeAll() } }

  /// Blocks until the condition holds, for this many seconds at most. Returns whether it holds.
  func wait(seconds: Double, until isDone: ([Element]) -> Bool) -> Bool {
    let deadline = Clocks.monotonic() + Int64(seconds * 1e9)
    return kept.wait(until: deadline) { isDone($0) ? true : nil } ?? false
  }
}
