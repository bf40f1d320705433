extension Timestamp {
  /// A bound of a job, as `from` and `till` take it: a datetime, a time of day (`23:59`), or a
  /// duration from the first registration (`2h`).
  public init(
    bound text: String, _ options: TriggerOptions, registered: Timestamp
  ) throws(TriggerError) {
    let length: Int64?
    do { length = try DurationText.parse(text) } catch { length = nil }
    if let length {
      self = registered.advanced(by: length)
    } else {
      try self.init(text, options)
    }
  }
}

/// The random delay of a job's fires.
public enum Jitter {
  /// Nanoseconds from 0 through `most`, the same for the same seed, name and nominal instant.
  public static func delay(
    upTo most: Int64, seed: UInt64, name: String, at instant: Timestamp
  ) -> Int64 {
    precondition(most >= 0, "a jitter of \(most) ns")
    let place = Draw(name).value(seed)
    let draw = Draw(seed: place).value(
      UInt64(bitPattern: instant.nanoseconds), below: UInt64(most) + 1)
    return Int64(draw)
  }
}
