extension Timestamp {
  /// ISO 8601 with the offset of `zone` at that instant: `2026-03-29T03:00:00+02:00`.
  ///
  /// Milliseconds appear only if they are not zero; finer parts are cut off.
  public func iso(in zone: Zone) -> String {
    let offset = zone.offset(at: self)
    let local = LocalTime(secondsSince1970: seconds + Int64(offset))
    let milliseconds = floorRemainder(nanoseconds, 1_000_000_000) / 1_000_000
    let fraction = milliseconds == 0 ? "" : "." + digits(milliseconds, 3)
    return local.description + fraction + Self.offsetText(offset)
  }

  /// ISO 8601 in UTC with microseconds, for logs: `2026-03-29T01:00:00.000000Z`.
  public var isoMicroseconds: String {
    let microseconds = floorRemainder(nanoseconds, 1_000_000_000) / 1_000
    return LocalTime(secondsSince1970: seconds).description + "." + digits(microseconds, 6) + "Z"
  }

  /// `+02:00`, `-03:30`, `+00:53:28`.
  static func offsetText(_ offset: Int) -> String {
    let size = Int64(offset.magnitude)
    let base = (offset < 0 ? "-" : "+") + digits(size / 3600, 2) + ":" + digits(size / 60 % 60, 2)
    return size % 60 == 0 ? base : base + ":" + digits(size % 60, 2)
  }
}
