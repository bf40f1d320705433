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
