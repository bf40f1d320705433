import TestSupport
import Testing

@testable import Triggers

@Suite struct DurationTests {
  @Test func `parseShort agrees with the full parser and refuses other forms`() throws {
    var read = 0
    for unit in ["ns", "us", "ms", "s", "m", "h", "d", "w", "M", "mo", "µs", "S", ""] {
      for number in [
        "", "0", "1", "007", "99", "100", "250", "99999", "123456789", "1234567890", "1.5", "-1",
      ] {
        let text = number + unit
        guard let simple = DurationText.parseShort(text.utf8) else { continue }
        var parser = DurationParser(text)
        #expect(try parser.parse() == Int128(simple), "\(text)")
        read += 1
      }
    }
    #expect(read > 40)
    for text in ["10s ", " 10s", "10 s", "1h30m", "5M", "10us", "0s", "10", "s", "10sm", "10\0s"] {
      #expect(DurationText.parseShort(text.utf8) == nil, "\(text)")
    }
  }

  @Test(
    arguments: [
      ("250ms", 0.25), ("10s", 10), ("5m", 300), ("1h30m", 5400), ("2 days", 172_800),
      ("1w", 604_800), ("PT1H30M", 5400), ("P1DT2H", 93600), ("P2W", 1_209_600), ("pt0.5s", 0.5),
      ("1 h 30 min", 5400), ("1 hour and 30 minutes", 5400), ("1h, 30m", 5400), ("1.5h", 5400),
      (".5h", 1800), ("an hour", 3600), ("30m1h", 5400), ("10 Seconds", 10), ("  10s ", 10),
      ("100us", 0.0001), ("500000ns", 0.0005), ("1.0000001s", 1.0000001),
      ("106751d", 9_223_286_400),
    ])
  func `a duration is read`(text: String, seconds: Double) throws {
    let nanoseconds = try DurationText.parse(text)
    #expect(abs(Double(nanoseconds) / 1e9 - seconds) < 1e-9 * seconds)
    #expect(try DurationText.parse(DurationText.format(nanoseconds)) == nanoseconds)
  }

  @Test(
    arguments: [
      ("5", "has no unit; write \"5s\" or the number 5"), ("", "write for example \"10s\""),
      ("0", "is no time at all"), ("0s", "is no time at all"), ("-5s", "is negative"),
      ("P1M", "not a fixed length; write days"), ("1 month", "not a fixed length"),
      ("1y", "not a fixed length"), ("5M", "write \"5m\" for minutes"),
      ("PT", "is not an ISO 8601"),
      ("P", "is not an ISO 8601"), ("PT1M1H", "is not an ISO 8601"), ("1h1h", "twice"),
      ("10 sceonds", "unknown unit \"sceonds\" at column 4, did you mean \"seconds\"?"),
      ("10s5", "has no unit"), ("00:10", "looks like a time of day"),
      ("10us", "more often than the wheel can"),
      ("300 years", "not a fixed length"), ("200000d", "longer than 292 years"),
      ("99999999999999999999d", "longer than 292 years"), ("nada", "has no number"),
      ("1e3s", "unknown unit"),
      ("10s,", "ends in a comma"), ("\u{0}", "has no number"),
    ])
  func `a text that is no duration is refused with a remedy`(text: String, message: String) {
    let error = #expect(throws: TriggerError.self) { try DurationText.parse(text) }
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    (10.0, 10_000_000_000), (0.5, 500_000_000), (0.0001, 100_000), (1e9, 1_000_000_000_000_000_000),
  ])
  func `a number is seconds`(seconds: Double, nanoseconds: Int64) throws {
    #expect(try DurationText.nanoseconds(seconds: seconds) == nanoseconds)
  }

  @Test(arguments: [0, -1, .nan, .infinity, -.infinity, 0.00001, 1e10, 1e300, -1e300])
  func `a number that is no duration is refused`(seconds: Double) {
    #expect(throws: TriggerError.self) { try DurationText.nanoseconds(seconds: seconds) }
  }

  @Test(
    arguments: [
      (90_000_000_000, "1m30s", "1 minute 30 seconds"), (500_000_000, "500ms", "500 milliseconds"),
      (604_800_000_000_000, "1w", "1 week"), (691_200_000_000_000, "8d", "8 days"),
      (5_400_000_000_000, "1h30m", "1 hour 30 minutes"),
      (1_000_500_000, "1s500us", "1 second 500 microseconds"),
    ] as [(Int64, String, String)])
  func `a duration is written`(nanoseconds: Int64, short: String, words: String) {
    #expect(DurationText.format(nanoseconds) == short)
    #expect(DurationText.words(nanoseconds) == words)
  }
}

@Suite struct TimestampTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00+00:00", "1970-01-01T00:00:00.000000Z"),
      (1_774_746_000_000_000_000, "2026-03-29T01:00:00+00:00", "2026-03-29T01:00:00.000000Z"),
      (-1, "1969-12-31T23:59:59.999+00:00", "1969-12-31T23:59:59.999999Z"),
      (1_500_000, "1970-01-01T00:00:00.001+00:00", "1970-01-01T00:00:00.001500Z"),
      (.max, "2262-04-11T23:47:16.854+00:00", "2262-04-11T23:47:16.854775Z"),
      (.min, "1677-09-21T00:12:43.145+00:00", "1677-09-21T00:12:43.145224Z"),
    ] as [(Int64, String, String)])
  func `an instant is written`(nanoseconds: Int64, iso: String, log: String) {
    #expect(Timestamp(nanoseconds: nanoseconds).iso(in: .utc) == iso)
    #expect(Timestamp(nanoseconds: nanoseconds).isoMicroseconds == log)
  }

  @Test func `the offset of the zone is written, with seconds only if they are not zero`() throws {
    let berlin = try Zones.zone("Europe/Berlin")
    #expect(Timestamp(seconds: 1_774_746_000).iso(in: berlin) == "2026-03-29T03:00:00+02:00")
    #expect(Timestamp(seconds: -3_000_000_000).iso(in: berlin) == "1874-12-07T19:33:28+00:53:28")
  }

  @Test func `arithmetic saturates`() {
    #expect(Timestamp.distantFuture.advanced(by: 1) == .distantFuture)
    #expect(Timestamp.distantPast.advanced(by: -1) == .distantPast)
    #expect(Timestamp(seconds: .max) == .distantFuture && Timestamp(seconds: .min) == .distantPast)
    #expect(Timestamp.distantPast.distance(to: .distantFuture) == .max)
    #expect(Timestamp.distantFuture.distance(to: .distantPast) == .min)
  }

  @Test func `dates and day numbers agree with a count of every day`() {
    var random = SplitMix64(seed: 11)
    for _ in 0..<300 {
      let day = random.next(in: -100_000...110_000)
      let date = LocalTime(secondsSince1970: Int64(day) * 86400).date
      let counted = CronModel.date(day)
      #expect(date == CivilDate(year: counted.year, month: counted.month, day: counted.day))
      #expect(
        LocalTime(year: date.year, month: date.month, day: date.day).secondsSince1970 == day * 86400
      )
    }
    #expect(CivilDate(year: 2026, month: 11, day: 22).weekday == 0)
    _ = LocalTime(secondsSince1970: .max).description
    _ = LocalTime(secondsSince1970: .min).description
  }
}
