/// Arithmetic with lengths of time. It saturates at the earliest and the latest instant.
extension Timestamp {
  public static func + (instant: Timestamp, duration: Duration) -> Timestamp {
    instant.advanced(by: duration.clampedNanoseconds)
  }

  public static func - (instant: Timestamp, duration: Duration) -> Timestamp {
    instant + (.zero - duration)
  }

  /// The time from the second instant to the first one; negative if the first one is earlier.
  public static func - (end: Timestamp, start: Timestamp) -> Duration {
    .nanoseconds(start.distance(to: end))
  }
}
