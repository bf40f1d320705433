/// A timer that a wheel has removed because its deadline was reached.
public struct ExpiredTimer: Hashable, Sendable {
  /// The id is stale: the timer is no longer in the wheel.
  public var id: TimerID
  /// The deadline, which is not before the `now` at which it was set.
  public var deadline: Tick
  public var payload: UInt64
}
