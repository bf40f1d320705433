import Synchronization
import SystemCalls

/// Work that the pool runs in turns, on one thread at a time.
public protocol PoolMember: AnyObject, Sendable {
  /// What the pool keeps about the member; one for its whole life.
  var standing: PoolStanding { get }

  /// Works until nothing is left, or until the slice is used up. On a worker's thread.
  func turn(_ slice: TurnSlice) -> TurnEnd

  /// Does what the turn led to, after ``TurnEnd/owes``; answers whether the member has work again. On the same thread,
  /// which takes one of the members that are notified meanwhile itself.
  func afterTurn() -> Bool
}

extension PoolMember {
  public func afterTurn() -> Bool { false }
}

/// How a turn ended.
public enum TurnEnd: Sendable {
  /// Nothing is left.
  case idle
  /// Work is left.
  case more
  /// Nothing is left, and ``PoolMember/afterTurn()`` is to be called.
  case owes
}

/// How long a turn may last.
public struct TurnSlice: Sendable {
  /// Monotonic time, in nanoseconds.
  public let end: Int64

  public var isOver: Bool { Clocks.monotonic() >= end }
}

/// Where a member stands: idle, waiting for a worker, or on one; and the processor time that it has used.
public final class PoolStanding: Sendable {
  static let idle: UInt8 = 0
  static let queued: UInt8 = 1
  static let running: UInt8 = 2
  /// Running, and notified since the turn began.
  static let notified: UInt8 = 3

  let state = Atomic<UInt8>(PoolStanding.idle)
  /// Nanoseconds of processor time, raised to the pool's floor when the member wakes. Written by whoever moves the
  /// member out of idle or off a worker, which the state makes one thread at a time.
  let used = Atomic<Int64>(0)

  public init() {}

  /// Nanoseconds of processor time up to the end of its last turn, from some beginning: while the member always has work, the
  /// difference of two is what it has used in between.
  public var processorTime: Int64 { used.load(ordering: .relaxed) }

  /// Whether the caller is the one that has to queue the member.
  func claim() -> Bool {
    while true {
      // Not before what the caller has stored for the turn to see.
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

  /// Begins another turn after one: who has notified the member before it looks at what it has to do need not do so again.
  func beginAgain() { _ = state.exchange(Self.running, ordering: .sequentiallyConsistent) }

  /// Ends a turn; whether the member goes back to the queue.
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
