import Synchronization
import WorkerPool

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

  /// Releases all, the last one first. Returns those whose ending takes time and is not over; `onGone` is called when
  /// that of all of these is.
  @discardableResult
  func releaseAll(onGone: @escaping @Sendable () -> Void = {}) -> [RunResource] {
    let held = state.withLock { state in
      state.isOver = true
      defer { state.held = [] }
      return state.held
    }
    for resource in held.reversed() { resource.release() }
    let ending = held.filter { $0.label != nil && !$0.isOver }
    guard !ending.isEmpty else { return [] }
    // One more than there are, so that it does not end before all are counted.
    let countdown = Countdown(from: ending.count + 1)
    for resource in ending {
      let isEnding = resource.whenOver { if countdown.isLast() { onGone() } }
      if !isEnding { _ = countdown.isLast() }
    }
    return countdown.isLast() ? [] : ending
  }

  /// Releases all, and blocks until their endings are over, or until a time of the monotonic clock. Returns the labels of
  /// those that are left.
  func releaseAll(until deadline: Int64) -> [String] {
    let isGone = Condition(false)
    let ending = releaseAll {
      isGone.withLock { $0 = true }
      isGone.broadcast()
    }
    guard !ending.isEmpty else { return [] }
    _ = isGone.wait(until: deadline) { $0 ? true : nil }
    return ending.filter { !$0.isOver }.compactMap(\.label)
  }
}

private final class Countdown: Sendable {
  private let left: Atomic<Int>

  init(from count: Int) { left = Atomic(count) }

  func isLast() -> Bool { left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}
