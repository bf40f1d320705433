import HistorySamples
import Layers
import Moonwheel
import Testing

@testable import MoonwheelReports

@Suite struct PastTimeTests {
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
