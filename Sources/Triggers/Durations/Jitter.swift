/// The random delay of a job's fires.
public enum Jitter {
  /// Nanoseconds from 0 through `most`. Equal seeds, names and nominal instants give equal delays.
  public static func delay(
    upTo most: Int64, seed: UInt64, name: String, at instant: Timestamp
  ) -> Int64 {
    precondition(most >= 0, "a jitter of \(most) ns")
    let ownSeed = SeededRandom(name).value(seed)
    let delay = SeededRandom(seed: ownSeed).value(
      UInt64(bitPattern: instant.nanoseconds), below: UInt64(most) + 1)
    return Int64(delay)
  }
}
