/// Names one timer of one wheel, from its insertion until it expires or is cancelled.
///
/// A stale id is always recognised: no two timers of a wheel ever share an id. An id means nothing
/// to another wheel, which may take it for one of its own timers.
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

  /// The id that no timer ever has; takes 8 bytes where `Optional<TimerID>` takes 9.
  @inlinable
  public static var none: TimerID { TimerID(rawValue: 0) }

  var index: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

  var generation: UInt32 { UInt32(truncatingIfNeeded: rawValue &>> 32) }
}
