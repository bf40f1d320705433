import Testing
import Triggers

@Suite struct EveryTests {
  /// All fires after Thursday 2026-01-01T00:00:00Z, in UTC. The job was registered at that instant.
  @Test(
    arguments: [
      ("10s", ["2026-01-01T00:00:10+00:00", "2026-01-01T00:00:20+00:00"]),
      ("2 days", ["2026-01-03T00:00:00+00:00", "2026-01-05T00:00:00+00:00"]),
      ("250ms", ["2026-01-01T00:00:00.250+00:00", "2026-01-01T00:00:00.500+00:00"]),
      ("minute", ["2026-01-01T00:01:00+00:00"]), ("day", ["2026-01-02T00:00:00+00:00"]),
      ("day at 10:30", ["2026-01-01T10:30:00+00:00", "2026-01-02T10:30:00+00:00"]),
      ("day at 10:30:15", ["2026-01-01T10:30:15+00:00"]),
      (
        "day at 17:30, 09:00",
        ["2026-01-01T09:00:00+00:00", "2026-01-01T17:30:00+00:00", "2026-01-02T09:00:00+00:00"]
      ),
      ("day at 10:30:15, 09:00", ["2026-01-01T09:00:00+00:00", "2026-01-01T10:30:15+00:00"]),
      ("day at 10:30:15,17:30:00", ["2026-01-01T10:30:15+00:00", "2026-01-01T17:30:00+00:00"]),
      ("day at 9am and 5:30 pm", ["2026-01-01T09:00:00+00:00", "2026-01-01T17:30:00+00:00"]),
      ("day at noon", ["2026-01-01T12:00:00+00:00"]),
      ("day at 12am", ["2026-01-02T00:00:00+00:00"]),
      ("monday at 13:15", ["2026-01-05T13:15:00+00:00", "2026-01-12T13:15:00+00:00"]),
      ("Mondays at 13:15", ["2026-01-05T13:15:00+00:00"]),
      ("fri 17:00", ["2026-01-02T17:00:00+00:00"]),
      (
        "weekday at 09:00",
        ["2026-01-01T09:00:00+00:00", "2026-01-02T09:00:00+00:00", "2026-01-05T09:00:00+00:00"]
      ),
      (
        "weekend",
        ["2026-01-03T00:00:00+00:00", "2026-01-04T00:00:00+00:00", "2026-01-10T00:00:00+00:00"]
      ),
      ("tue and thu at 8:00", ["2026-01-01T08:00:00+00:00", "2026-01-06T08:00:00+00:00"]),
      (
        "mon, wed, and sat at 8:00",
        ["2026-01-03T08:00:00+00:00", "2026-01-05T08:00:00+00:00", "2026-01-07T08:00:00+00:00"]
      ),
      ("mon to thu, 18:20", ["2026-01-01T18:20:00+00:00", "2026-01-05T18:20:00+00:00"]),
      (
        "friday to monday at 1:00",
        ["2026-01-02T01:00:00+00:00", "2026-01-03T01:00:00+00:00", "2026-01-04T01:00:00+00:00"]
      ),
      ("minute at :17", ["2026-01-01T00:00:17+00:00", "2026-01-01T00:01:17+00:00"]),
      ("hour at :30", ["2026-01-01T00:30:00+00:00", "2026-01-01T01:30:00+00:00"]),
      (
        "hour at :05:30 and :45",
        ["2026-01-01T00:05:30+00:00", "2026-01-01T00:45:00+00:00", "2026-01-01T01:05:30+00:00"]
      ),
      ("hour at 30:15", ["2026-01-01T00:30:15+00:00"]),
      ("2 hours at :05", ["2026-01-01T00:05:00+00:00", "2026-01-01T02:05:00+00:00"]),
      (
        "17 hours at :05",
        ["2026-01-01T00:05:00+00:00", "2026-01-01T17:05:00+00:00", "2026-01-02T10:05:00+00:00"]
      ),
      ("15 minutes at :30", ["2026-01-01T00:00:30+00:00", "2026-01-01T00:15:30+00:00"]),
      ("90 minutes at :00", ["2026-01-01T01:30:00+00:00", "2026-01-01T03:00:00+00:00"]),
      ("2 days at 10:30", ["2026-01-03T10:30:00+00:00", "2026-01-05T10:30:00+00:00"]),
      ("other day at 10:30", ["2026-01-03T10:30:00+00:00"]),
      ("2 weeks at 09:00", ["2026-01-15T09:00:00+00:00", "2026-01-29T09:00:00+00:00"]),
      ("week on monday", ["2026-01-05T00:00:00+00:00", "2026-01-12T00:00:00+00:00"]),
      (
        "2 weeks on monday and fri at 09:00",
        ["2026-01-02T09:00:00+00:00", "2026-01-12T09:00:00+00:00", "2026-01-16T09:00:00+00:00"]
      ),
      ("other monday", ["2026-01-05T00:00:00+00:00", "2026-01-19T00:00:00+00:00"]),
      ("2 fridays at 9:00", ["2026-01-02T09:00:00+00:00", "2026-01-16T09:00:00+00:00"]),
      ("24 hours at :09", ["2026-01-01T00:09:00+00:00", "2026-01-02T00:09:00+00:00"]),
      ("month", ["2026-02-01T00:00:00+00:00"]), ("month at 6:00", ["2026-01-01T06:00:00+00:00"]),
      ("month on the 1st at 06:00", ["2026-01-01T06:00:00+00:00", "2026-02-01T06:00:00+00:00"]),
      ("month on the 31st", ["2026-01-31T00:00:00+00:00", "2026-03-31T00:00:00+00:00"]),
      (
        "month on the 1st and the 15th", ["2026-01-15T00:00:00+00:00", "2026-02-01T00:00:00+00:00"]
      ),
      ("month on days 2,5 at 10:00", ["2026-01-02T10:00:00+00:00", "2026-01-05T10:00:00+00:00"]),
      ("month on the last day", ["2026-01-31T00:00:00+00:00", "2026-02-28T00:00:00+00:00"]),
      (
        "month on the 1st and last at noon",
        ["2026-01-01T12:00:00+00:00", "2026-01-31T12:00:00+00:00"]
      ),
      ("month on the 2nd tuesday", ["2026-01-13T00:00:00+00:00", "2026-02-10T00:00:00+00:00"]),
      (
        "month on the last friday at 17:00",
        ["2026-01-30T17:00:00+00:00", "2026-02-27T17:00:00+00:00"]
      ),
      ("month on the 5th sunday", ["2026-03-29T00:00:00+00:00", "2026-05-31T00:00:00+00:00"]),
      ("month on the last weekday", ["2026-01-30T00:00:00+00:00", "2026-02-27T00:00:00+00:00"]),
      ("month on the first weekday", ["2026-02-02T00:00:00+00:00", "2026-03-02T00:00:00+00:00"]),
      ("last friday of the month at 17:00", ["2026-01-30T17:00:00+00:00"]),
      ("15th of the month", ["2026-01-15T00:00:00+00:00"]),
      ("3 months on the 1st", ["2026-04-01T00:00:00+00:00", "2026-07-01T00:00:00+00:00"]),
      ("5 months on the 31st", ["2026-01-31T00:00:00+00:00", "2028-07-31T00:00:00+00:00"]),
      ("year", ["2027-01-01T00:00:00+00:00"]),
      ("year on december 24 at 18:00", ["2026-12-24T18:00:00+00:00"]),
      ("year on the 29th of february", ["2028-02-29T00:00:00+00:00", "2032-02-29T00:00:00+00:00"]),
      (
        "january and july on the 1st at 06:00",
        ["2026-01-01T06:00:00+00:00", "2026-07-01T06:00:00+00:00"]
      ),
    ])
  func `a spec fires at its times`(spec: String, expected: [String]) throws {
    let from = "2026-01-01T00:00:00Z"
    #expect(try fires("every " + spec, from: from, count: expected.count) == expected)
    #expect(
      try fires("  every  " + spec.uppercased(), from: from, count: 1) == [expected[0]]
        || spec.hasSuffix("s"))
  }

  @Test(
    arguments: [
      ("mondey at 10:00", 1, "unknown word \"mondey\" at column 1, did you mean \"monday\"?"),
      ("day at 25:00", 8, "hour 25 is out of range 0-23"),
      ("day at 9", 8, "expected a time such as 09:00"),
      ("day at 9:5", 10, "two digits for the minute"),
      ("day at 9:60", 10, "minute 60 is out of range"),
      ("day at 13pm", 8, "out of range 1-12"), ("day at", 7, "expected a time"),
      ("day on 10:00", 5, "unexpected"),
      ("hour at 5", 9, "is written \":05\", as in \"hour at :30\""),
      ("hour at :5", 9, "two digits"),
      ("hour at :60", 9, "60 is out of range 0-59"),
      ("minute at 5:00", 11, "a minute has places such as :17"),
      ("hour at 1:30", 9, "is written \":01\""),
      ("hour at 15:30:00", 14, "an hour has places such as :30 or :30:15"),
      ("24 hours at 09:00", 13, "for a time of the day write \"day at 09:00\""),
      ("48 hours at 09:00:00", 18, "an hour has places"),
      ("minutes on weekdays", 9, "cron(\"*/15 * * * mon-fri\")"),
      ("30 seconds from 9:00 to 17:00", 12, "every(\"30 seconds\") & between("),
      ("15 minutes between 9:00 and 17:00", 12, "every(\"15 minutes\") & between("),
      ("2nd monday", 11, "every 2nd week is \"other monday\""),
      ("first monday at 9:00", 14, "expected \"of the month\", found \"at 9:00\""),
      ("quarter", 1, "did you mean \"3 months on the 1st\"?"),
      ("midnight", 1, "did you mean \"day at midnight\"?"),
      ("month on the 32nd", 14, "day 32 is out of range 1-31"),
      ("month on the 6th monday", 14, "no 6th Monday"),
      ("month on 5", 10, "write 5th for day 5 of a month"),
      ("february on the 30th", 1, "never fires"),
      ("month on", 9, "ends too early"), ("monday to at 9", 14, "expected a weekday"),
      ("1st", 4, "of the month"),
      ("2 years on january", 1, "24 months on the 1st"), ("0 days at 10:00", 1, "never"),
      ("lunch", 1, "unknown word"), (",", 0, "has no number"),
      ("day at 5 pm in Asia/Tokyo", 13, "tz = \"Asia/Tokyo\""),
      ("10 to 5 minutes", 1, "from the shorter to the longer"),
      ("5 to 10 minutes at :10", 1, "a random gap has no place in the hour"),
      ("5 to 10 parsecs", 9, "unknown unit \"parsecs\" at column 9"), ("5 to 10", 8, "has no unit"),
      ("50us to 10 s", 0, "more often than the wheel can"), ("5 to", 0, "unknown unit \"to\""),
      ("5 minutes 5 to", 0, ""),
      ("5", 0, "has no unit"),
      ("1 month", 0, "as in every(\"month on the 1st\")"),
      ("3 months", 0, "as in every(\"3 months on the 1st\")"),
      ("2 years", 0, "as in every(\"24 months on the 1st\")"),
      ("999999999999999999 years", 0, "not a fixed length"),
      ("10 sceonds", 4, "did you mean \"seconds\"?"),
      ("", 0, "is empty"),
    ])
  func `a text that is no spec is refused with the column and a remedy`(
    text: String, column: Int, message: String
  ) {
    let error = #expect(throws: TriggerError.self) { try Trigger.every(text, TriggerOptions()) }
    #expect(
      error?.message.contains(message) == true || message.isEmpty, "\(String(describing: error))")
    if column > 0 { #expect(error?.column == column, "\(String(describing: error))") }
  }

  @Test func `each random gap is new and within its ends`() throws {
    let trigger = try Trigger.every("5 to 10 minutes", TriggerOptions(seed: 3))
    #expect(
      trigger == (.everyBetween(300_000_000_000, 600_000_000_000, seed: 3, text: "5 to 10 minutes"))
    )
    var last = Timestamp(seconds: 1_767_225_600)
    var gaps: Set<Int64> = []
    for _ in 0..<500 {
      let fire = try #require(trigger.next(after: last, anchor: last))
      let gap = last.distance(to: fire)
      #expect((300_000_000_000...600_000_000_000).contains(gap))
      gaps.insert(gap / 30_000_000_000)
      last = fire
    }
    #expect(gaps.count >= 10)
    for text in ["5-10 minutes", "5m to 10m", "300s to 10 minutes", "5m - 10 minutes"] {
      guard
        case .everyBetween(300_000_000_000, 600_000_000_000, _, _) = try Trigger.every(
          text, TriggerOptions())
      else {
        Issue.record("\(text)")
        return
      }
    }
  }

  @Test func `jobs with equal texts have different random gaps`() throws {
    let from = Timestamp(seconds: 1_767_225_600)
    var fires: Set<Timestamp?> = []
    for name in ["a.lua:x", "a.lua:y", "b.lua:x"] {
      let options = TriggerOptions(hashKey: name, seed: 3)
      let trigger = try Trigger.every("5 to 10 minutes", options)
      #expect(try trigger == Trigger.every("5 to 10 minutes", options))
      fires.insert(trigger.next(after: from, anchor: from))
    }
    #expect(fires.count == 3)
  }

  @Test func `a period counts from its anchor, whatever the instant`() {
    let anchor = Timestamp(nanoseconds: 5)
    let trigger = Trigger.every(nanoseconds: 100)
    for (after, fire) in [
      (-1000, 105), (5, 105), (104, 105), (105, 205), (1_000_000_004, 1_000_000_005),
    ] {
      #expect(
        trigger.next(after: Timestamp(nanoseconds: Int64(after)), anchor: anchor)
          == Timestamp(nanoseconds: Int64(fire)))
    }
    let long = Trigger.every(nanoseconds: .max)
    #expect(long.next(after: .distantFuture, anchor: .distantPast) == nil)
    #expect(long.next(after: .distantFuture.advanced(by: -1), anchor: .distantFuture) == nil)
  }

  @Test(
    arguments: [
      ("every 10s", "every 10s", "every 10 seconds"),
      ("every  90s", "every 90s", "every 1 minute 30 seconds"),
      ("every 2 days", "every 2 days", "every 2 days"),
      ("after 10m", "after 10m", "once, after 10 minutes"),
      ("every day at 10:30", "every day at 10:30", "At 10:30 every day, UTC"),
      ("cron  */5   * * * *", "cron */5 * * * *", "Every 5 minutes, UTC"),
      ("at 2026-12-24 18:00", "at 2026-12-24 18:00", "Once, on Thursday 2026-12-24 at 18:00, UTC"),
      ("cron @reboot", "cron @reboot", "once, at the start of the host"),
      ("cron @Daily", "cron @daily", "At 00:00 every day, UTC"),
      ("cron 0 9 * * 1-5", "cron 0 9 * * 1-5", "At 09:00 on weekdays, UTC"),
      (
        "cron */5 9-17 * * mon-fri", "cron */5 9-17 * * mon-fri",
        "Every 5 minutes from 09:00 to 17:59 on weekdays, UTC"
      ),
      (
        "cron 30 4 1,15 * 5", "cron 30 4 1,15 * 5",
        "At 04:30 on the 1st and 15th of the month, or on Friday, UTC"
      ),
      ("cron 0 0 29 2 *", "cron 0 0 29 2 *", "At 00:00 on the 29th of February, UTC"),
      ("cron 0 12 LW * *", "cron 0 12 LW * *", "At 12:00 on the last weekday of the month, UTC"),
      ("cron 0 9 * * fri#3", "cron 0 9 * * fri#3", "At 09:00 on the 3rd Friday of the month, UTC"),
      (
        "cron 0 0 13 * */5", "cron 0 0 13 * */5",
        "At 00:00 on the 13th of the month, but only on Friday and Sunday, UTC"
      ),
      (
        "cron 0 22-4 * nov-feb *", "cron 0 22-4 * nov-feb *",
        "Every hour at :00 from 22:00 to 04:59 in November to February, UTC"
      ),
      (
        "every 2 weeks on monday at 09:00", "every 2 weeks on monday at 09:00",
        "At 09:00 on Monday every 2 weeks, UTC"
      ),
      ("every minute at :17", "every minute at :17", "At second 17 of every minute, UTC"),
      (
        "cron 15,45 0-20/7 * * * *", "cron 15,45 0-20/7 * * * *",
        "At seconds 15 and 45 of minutes 0, 7 and 14, UTC"
      ),
      ("every 5 to 10 minutes", "every 5 to 10 minutes", "every 5 to 10 minutes, at random"),
      ("every 1 to 2 minutes", "every 1 to 2 minutes", "every 1 to 2 minutes, at random"),
      ("every 30s to 2m", "every 30s to 2m", "every 30 seconds to 2 minutes, at random"),
      ("cron 5 0 * 8 *", "cron 5 0 * 8 *", "At 00:05 every day in August, UTC"),
      (
        "cron 59 23 31 12 5", "cron 59 23 31 12 5",
        "At 23:59 on the 31st of the month, or on Friday, in December, UTC"
      ),
      (
        "cron 23 0-20/2 * * *", "cron 23 0-20/2 * * *",
        "Every 2 hours at :23 from 00:00 to 20:59, UTC"
      ),
      (
        "cron */5 1-19/3 * * *", "cron */5 1-19/3 * * *",
        "Every 5 minutes of every 3rd hour from 01:00 to 19:59, UTC"
      ),
      (
        "cron 10-20 * * * *", "cron 10-20 * * * *",
        "Every minute from :10 to :20 of every hour, UTC"
      ),
      (
        "cron 10-20 9-17 * * *", "cron 10-20 9-17 * * *",
        "Every minute from :10 to :20, from 09:00 to 17:59, UTC"
      ),
    ])
  func `a trigger has a text and a description`(spec: String, text: String, words: String) throws {
    let trigger = try Trigger.parse(spec: spec, TriggerOptions())
    #expect(trigger.text == text)
    #expect(trigger.words == words)
    #expect(try Trigger.parse(spec: trigger.text, TriggerOptions()) == trigger)
  }

  @Test func `numbers are seconds and the words name the zone`() throws {
    #expect(try Trigger.every(seconds: 10).text == "every 10s")
    #expect(try Trigger.every(seconds: 0.5).text == "every 500ms")
    #expect(try Trigger.every(seconds: 10) == Trigger.every("10s", TriggerOptions()))
    #expect(try Trigger.after(seconds: 90).text == "after 1m30s")
    let options = TriggerOptions(zone: try Zones.zone("America/New_York"))
    #expect(try Trigger.cron("0 9 * * 1-5", options).words == "At 09:00 on weekdays, New York time")
  }

  @Test(
    arguments: [
      ("*/5 * * * *", "did you mean \"cron */5 * * * *\"?"),
      ("evry 10s", "did you mean \"every\"?"), ("", "it begins with every"),
      ("every", "is empty"), ("day at 10:30", "it begins with every"),
    ])
  func `a spec without its word is refused`(text: String, message: String) {
    let error = #expect(throws: TriggerError.self) {
      try Trigger.parse(spec: text, TriggerOptions())
    }
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }
}
