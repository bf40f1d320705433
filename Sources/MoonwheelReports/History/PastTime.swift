import Triggers

/// Reads an instant of the past: a text that `at` takes, or a length of time before now.
///
/// A time of day, or a weekday, is the last one before now. A text that names an instant of the future is that instant.
package enum PastTime {
  private static let day: Int64 = 86_400_000_000_000

  /// - Parameter word: the name of the text in error messages.
  package static func read(
    _ text: String, zone: Zone, now: Timestamp, word: String
  ) throws(TriggerError) -> Timestamp {
    if let length = length(text) { return now.advanced(by: -length) }
    var first: Timestamp?
    // Read the text relative to now, then to yesterday, then to a week ago, until the instant is past.
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
