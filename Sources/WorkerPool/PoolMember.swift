import SystemCalls

/// Work that the pool runs in turns, on one thread at a time.
public protocol PoolMember: AnyObject, Sendable {
  /// The pool's record of the member: one object for its whole life.
  var memberState: MemberState { get }

  /// Works until nothing is left, or until the slice is used up. On a worker's thread.
  func turn(_ slice: TurnSlice) -> TurnEnd

  /// Follows a turn that ended with ``TurnEnd/pendingWake``, on the same thread, and passes on what the turn produced.
  /// If it notifies members, this thread takes one of them itself.
  ///
  /// - Returns: whether the member has work again.
  func afterTurn() -> Bool
}

extension PoolMember {
  public func afterTurn() -> Bool { false }
}

/// How a turn ended.
public enum TurnEnd: Sendable {
  /// No work is left.
  case idle
  /// Work is left.
  case more
  /// No work is left, but the pool must call ``PoolMember/afterTurn()``.
  case pendingWake
}

/// How long a turn may last.
public struct TurnSlice: Sendable {
  /// Monotonic time, in nanoseconds.
  public let end: Int64

  @inlinable public var isOver: Bool { Clocks.monotonic() >= end }
}
