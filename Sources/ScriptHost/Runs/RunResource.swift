import Synchronization

/// Something that a run holds of the world outside, such as a task or a child process: see ``FunctionCall/hold(_:)``.
///
/// It is released once: when the run ends, in whatever way, or when the host has stopped, or by ``release()``.
public final class RunResource: Sendable {
  private let onRelease: Mutex<(@Sendable () -> Void)?>

  init(_ onRelease: @escaping @Sendable () -> Void) { self.onRelease = Mutex(onRelease) }

  deinit { release() }

  /// Releases it now. No effect if that has happened, or after ``end()``. Any thread.
  public func release() {
    let body = onRelease.withLock { body in
      defer { body = nil }
      return body
    }
    body?()
  }

  /// Says that it has ended by itself, so that there is nothing to release any more. Any thread.
  public func end() { onRelease.withLock { $0 = nil } }

  fileprivate var isOver: Bool { onRelease.withLock { $0 == nil } }
}

/// What one run holds, or all runs of a host together. Any thread may add to it, also after the end.
final class ResourceHolder: Sendable {
  private struct State {
    var held: [RunResource] = []
    /// How many there may be before those that are over are forgotten.
    var limit = 16
    var isOver = false
  }

  private let state = Mutex(State())

  deinit { releaseAll() }

  /// Releases the resource at once if the run has ended. Amortised O(1).
  func hold(_ resource: RunResource) {
    let isOver = state.withLock { state in
      guard !state.isOver else { return true }
      if state.held.count >= state.limit {
        state.held.removeAll(where: \.isOver)
        state.limit = max(16, 2 * state.held.count)
      }
      state.held.append(resource)
      return false
    }
    if isOver { resource.release() }
  }

  /// Releases all, the last one first.
  func releaseAll() {
    let held = state.withLock { state in
      state.isOver = true
      defer { state.held = [] }
      return state.held
    }
    for resource in held.reversed() { resource.release() }
  }
}
