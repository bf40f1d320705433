import Glibc
import Layers
import Moonwheel
import Testing

@testable import MoonwheelReports

@Suite struct LogTimeTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000000Z"),
      (-1, "1969-12-31T23:59:59.999999Z"),
      (951_782_399_999_999_999, "2000-02-28T23:59:59.999999Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z"),
      (951_868_800_000_001_000, "2000-03-01T00:00:00.000001Z"),
      (1_774_695_600_123_456_789, "2026-03-28T11:00:00.123456Z"),
      (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000Z"),
      (-2_203_977_600_000_000_000, "1900-02-28T00:00:00.000000Z"),
    ] as [(Int64, String)])
  func `a line of the JSON log has its time in UTC`(nanoseconds: Int64, iso: String) {
    let line = LogJSON.line(record(at: Timestamp(nanoseconds: nanoseconds)))
    #expect(line.hasPrefix("{\"ts\":\"\(iso)\",\"level\":"), "\(line)")
  }

  @Test func `every day from 1887 to 2134 has the C library's date`() {
    for day in Int64(-30_000)...60_000 {
      var second = Int(day * 86_400)
      var date = unsafe tm()
      guard unsafe gmtime_r(&second, &date) != nil else {
        Issue.record("gmtime_r: day \(day)")
        return
      }
      let (year, month) = unsafe (date.tm_year + 1_900, date.tm_mon + 1)
      let expected = unsafe [Int(year), Int(month), Int(date.tm_mday)]
      let text = Timestamp(seconds: Int64(second)).isoMicroseconds
      let found = text.prefix(10).split(separator: "-").map { Int($0) }
      if found != expected { Issue.record("day \(day): \(text)") }
    }
  }

  @Test(
    arguments: [
      (0, 0, "00:00:00.000"), (1_774_695_600_123_456_789, 3_600, "12:00:00.123"),
      (0, -3_600, "23:00:00.000"), (86_399_999_999_999, 19_800, "05:29:59.999"),
    ] as [(Int64, Int64, String)])
  func `a line for people has the local time of day`(
    nanoseconds: Int64, offset: Int64, text: String
  ) {
    #expect(LogPretty.timeOfDay(Timestamp(nanoseconds: nanoseconds), offset: offset) == text)
  }
}
