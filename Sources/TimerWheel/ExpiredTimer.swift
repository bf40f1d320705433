/// A timer that a wheel has given up because its deadline was reached.
public struct ExpiredTimer: Hashable, Sendable {
  /// Stale: the wheel no longer knows it.
  public var id: TimerID
  /// The deadline as it was asked for, even if it was already past at that time.
  public var deadline: Tick
  public var payload: UInt64
}
