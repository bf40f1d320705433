/// Names one timer of one wheel, from its insertion until it expires or is cancelled.
///
/// No two timers of a wheel ever share an id, so the wheel always recognizes a stale one. Another wheel may take the id
/// for that of one of its own timers.
public struct TimerID: Hashable, Sendable {
  /// The entry's index in the low half, its generation in the high half.
  @usableFromInline
  let rawValue: UInt64

  @inlinable
  init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  init(index: UInt32, generation: UInt32) {
    self.init(rawValue: UInt64(generation) &<< 32 | UInt64(index))
  }

  /// An id that no timer ever has. It takes 8 bytes, `Optional<TimerID>` takes 9.
  @inlinable
  public static var none: TimerID { TimerID(rawValue: 0) }

  var index: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

  var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue &>> 32) }
}
