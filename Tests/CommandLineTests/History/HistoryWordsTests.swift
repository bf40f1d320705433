import Moonwheel
import Testing

@testable import moonwheel

@Suite struct HistoryWordsTests {
  @Test(
    arguments: [
      (-5, "0us"), (999, "0us"), (40_500, "40us"), (999_999, "999us"), (1_000_000, "1ms"),
      (3_140_000, "3.1ms"), (9_960_000, "10ms"), (312_400_000, "312ms"), (1_200_000_000, "1.2s"),
      (59_900_000_000, "60s"), (60_000_000_000, "1m"), (123_900_000_000, "2m3s"),
      (.max, "106751d23h47m16s"),
    ] as [(Int64, String)])
  func `a length has two or three digits`(nanoseconds: Int64, text: String) {
    #expect(HistoryWords.length(nanoseconds) == text)
  }

  /// Now is a Sunday, at 12:00.
  @Test(
    arguments: [
      ("2h", 10), ("30m", 11.5), ("09:00", 9), ("12:00", 12), ("18:00", -6), ("friday 17:00", -31),
      ("today 09:00", 9), ("2026-11-21 06:00", -18), ("2026-11-30 00:00", 192),
      ("tomorrow 09:00", 33), ("2026-11-22T06:30:00+01:00", 5.5),
    ] as [(String, Double)])
  func `a time of day is the last one`(text: String, hours: Double) throws {
    let found = try PastTime.read(text, zone: .utc, now: hour(12), word: "since")
    #expect(found == hour(hours), "\(found)")
  }
}
