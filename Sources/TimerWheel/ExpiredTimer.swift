/// A timer that a wheel has given up because its deadline was reached.
public struct ExpiredTimer: Hashable, Sendable {
  /// Stale: the wheel no longer knows it.
  public var id: TimerID
  /// When it was due, which is not before the `now` at which that was set.
  public var deadline: Tick
  public var payload: UInt64
}
