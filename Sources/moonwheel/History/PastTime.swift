import Moonwheel

/// Reads an instant that is most likely past: what `at` takes, where a time of day or a weekday is the last one, or how
/// long ago it was.
enum PastTime {
  private static let day: Int64 = 86_400_000_000_000

  static func read(
    _ text: String, zone: Zone, now: Timestamp, word: String
  ) throws(TriggerError) -> Timestamp {
    if let length = length(text) { return now.advanced(by: -length) }
    var first: Timestamp?
    // As seen now, then yesterday, then a week ago: until it is past.
    for back in [0, day, 7 * day] {
      let options = TriggerOptions(zone: zone, now: now.advanced(by: -back))
      let instant = try Timestamp(text, options, word: word)
      if instant <= now { return instant }
      first = first ?? instant
      if text.hasPrefix("tomorrow") { break }
    }
    return first ?? now
  }

  private static func length(_ text: String) -> Int64? {
    do { return try DurationText.parse(text) } catch { return nil }
  }
}
