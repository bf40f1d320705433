import Synchronization

/// Whether a member is idle, waits for a worker or runs on one, and how much processor time it has used.
public final class MemberState: Sendable {
  static let idle: UInt8 = 0
  static let queued: UInt8 = 1
  static let running: UInt8 = 2
  /// Running, and notified since the turn began.
  static let notified: UInt8 = 3

  let state = Atomic<UInt8>(MemberState.idle)
  /// Nanoseconds of processor time, raised to the pool's floor when the member wakes. The thread that moves the member
  /// out of idle or off a worker writes it; the state allows only one such thread at a time.
  let used = Atomic<Int64>(0)

  public init() {}

  /// Nanoseconds of processor time up to the end of the last turn, from an arbitrary origin. While the member always
  /// has work, the difference of two readings is what it has used in between.
  public var processorTime: Int64 { used.load(ordering: .relaxed) }

  /// Whether the caller must put the member into the queue.
  func claim() -> Bool {
    while true {
      // Ordered after the caller's stores, which the turn must see.
      let seen = state.load(ordering: .sequentiallyConsistent)
      switch seen {
      case Self.idle:
        if exchange(seen, Self.queued) { return true }
      case Self.running:
        if exchange(seen, Self.notified) { return false }
      default: return false
      }
    }
  }

  func begin() { state.store(Self.running, ordering: .sequentiallyConsistent) }

  /// Begins another turn right after one. It sees the work of all notifications so far, so these are cleared.
  func beginAgain() { _ = state.exchange(Self.running, ordering: .sequentiallyConsistent) }

  /// Ends a turn. Returns whether the member goes back to the queue.
  func end(hasMore: Bool) -> Bool {
    if !hasMore, exchange(Self.running, Self.idle) { return false }
    state.store(Self.queued, ordering: .releasing)
    return true
  }

  private func exchange(_ expected: UInt8, _ desired: UInt8) -> Bool {
    state.compareExchange(
      expected: expected, desired: desired, ordering: .sequentiallyConsistent
    ).exchanged
  }
}
