import Synchronization

/// Something that a run holds of the world outside, such as a task or a child process: see ``FunctionCall/hold(_:)``.
///
/// It is released once: when the run ends, in whatever way, or when the host has stopped, or by ``release()``.
public final class RunResource: Sendable {
  private struct State {
    var onRelease: (@Sendable () -> Void)?
    var isOver = false
    /// Called when it is over.
    var watchers: [@Sendable () -> Void] = []
  }

  /// Names it for people, if its ending takes time; nil if its release is its end.
  let label: String?
  private let state: Mutex<State>

  init(_ label: String? = nil, _ onRelease: @escaping @Sendable () -> Void) {
    self.label = label
    state = Mutex(State(onRelease: onRelease))
  }

  deinit { release() }

  /// Releases it now; begins its ending, if that takes time. No effect if that has happened, or after ``end()``. Any
  /// thread.
  public func release() {
    let body = state.withLock { state in
      defer { state.onRelease = nil }
      if label == nil { state.isOver = true }
      return state.onRelease
    }
    body?()
  }

  /// Says that it has ended, so that there is nothing to release any more, and nothing to wait for. Any thread.
  public func end() {
    let watchers = state.withLock { state in
      state.onRelease = nil
      state.isOver = true
      defer { state.watchers = [] }
      return state.watchers
    }
    for watcher in watchers { watcher() }
  }

  var isOver: Bool { state.withLock { $0.isOver } }

  /// Calls `body` when it is over. Returns false, and does not, if it is already.
  func whenOver(_ body: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      if !state.isOver { state.watchers.append(body) }
      return !state.isOver
    }
  }
}
