import Testing
import Triggers

@Suite struct CronTests {
  private func check(_ row: CronCases.Case) throws {
    let found = try fires(
      "cron " + row.expression, in: row.zone, from: row.from, count: max(1, row.fires.count))
    #expect(found == row.fires)
  }

  @Test(arguments: CronCases.cases(CronCases.simple))
  func `fields in zones without changes fire at their times`(row: CronCases.Case) throws {
    try check(row)
  }

  @Test(arguments: CronCases.cases(CronCases.extended))
  func `L, W, #, ? and years fire at their times`(row: CronCases.Case) throws { try check(row) }

  @Test(arguments: CronCases.cases(CronCases.clockChanges))
  func `changes of the clocks follow Debian's cron`(row: CronCases.Case) throws { try check(row) }

  /// Each line is an expression, the column of the mistake, and a part of the message.
  static let mistakes: [(String, Int, String)] = [
    ("61 * * * *", 1, "cron \"61 * * * *\": minute 61 is out of range 0-59"),
    ("0 0 30 2 *", 5, "cron \"0 0 30 2 *\" never fires: February has no day 30"),
    ("0 0 31 4,6,9,11 *", 5, "never fires: April, June, September and November have no day 31"),
    ("0 0 31W 2 *", 5, "never fires: February has no day 31"),
    ("0 0 0 29 2 * 2027", 7, "never fires: 2027 is no leap year"),
    ("0 0 0 29 2 * 2100,2101", 7, "never fires: 2100 and 2101 are no leap years"),
    ("0 0 L-30 2 *", 5, "never fires"),
    ("*/5 * * * mon-fri root", 11, "the first of 6 fields is seconds"),
    ("TZ=UTC 0 9 * * *", 1, "give the zone by itself, as tz = \"UTC\""),
    ("CRON_TZ=Asia/Tokyo 0 9 * * *", 1, "as tz = \"Asia/Tokyo\""),
    ("0 9 * * mün", 9, "unknown weekday \"mün\" at column 9"),
    ("0 9 * * mun", 9, "unknown weekday \"mun\" at column 9, did you mean \"mon\"?"),
    ("0 9 * * MON-TUR", 13, "unknown weekday \"TUR\" at column 13, did you mean \"tue\"?"),
    ("0 0 1 febuary *", 7, "unknown month \"febuary\" at column 7, did you mean \"february\"?"),
    ("0 0 1 xyz *", 7, "unknown month \"xyz\" at column 7, write jan feb"),
    ("*/0 * * * *", 3, "a step of 0 in the minute field"),
    ("*/-1 * * * *", 3, "a number is missing after /"),
    ("0/x * * * *", 3, "a number is missing after /"),
    ("0 24 * * *", 3, "hour 24 is out of range 0-23"),
    ("0 0 0 * *", 5, "day 0 is out of range 1-31"),
    ("0 0 * 13 *", 7, "month 13 is out of range 1-12"),
    ("0 0 * * 8", 9, "weekday 8 is out of range 0-7"),
    ("0 0 * * 2026 *", 9, "month 2026"),
    ("0 0 0 * * 2026", 11, "the first of 6 fields is seconds, and with a year there are 7"),
    ("0 0 0 1 1 * 1969", 13, "year 1969 is out of range 1970-2262"),
    ("0 0 0 1 1 * 2030-2028", 13, "run backwards"),
    ("99999999999999999999 * * * *", 1, "out of range"), ("-5 * * * *", 1, "unexpected \"-\""),
    ("5- * * * *", 3, "ends too early"), (",5 * * * *", 1, "unexpected \",\""),
    ("5, * * * *", 3, "ends too early"),
    ("/5 * * * *", 1, "unexpected \"/\""), ("5/5/5 * * * *", 4, "unexpected \"/\""),
    ("*5 * * * *", 2, "unexpected"),
    ("+5 * * * *", 1, "unexpected \"+\""), ("é * * * *", 1, "unexpected \"é\""),
    ("L * * * *", 1, "does not take \"L\""),
    ("15W * * * *", 3, "unexpected \"W\""), ("0 0 10-15W * *", 10, "unexpected \"W\""),
    ("0 0 L-0 * *", 7, "1 to 30"),
    ("0 0 L-31 * *", 7, "1 to 30"), ("0 0 W * *", 5, "does not take \"W\""),
    ("0 0 $ * *", 5, "unexpected \"$\" in the day field; the last day of the month is L"),
    ("0 0 * * 5$", 10, "the last Friday of the month is friL"),
    ("0 8 * * * Asia/Kuala_Lumpur", 11, "give the zone by itself, as tz = \"Asia/Kuala_Lumpur\""),
    ("0 8 * * * UTC", 11, "as tz = \"UTC\""), ("0 8 * * Europe/Berlin", 9, "as tz ="),
    ("0 0 8 * * * GMT+1", 13, "as tz = \"GMT+1\""),
    ("@every_minute", 1, "write every(\"minute\") instead"),
    ("@every-5-minutes", 1, "write every(\"5 minutes\") instead"),
    ("@minutely", 1, "write every(\"minute\") instead of cron @minutely"),
    ("@quarterly", 1, "write cron(\"0 0 1 */3 *\") instead"),
    ("@startup", 1, "write cron(\"@reboot\") instead"),
    ("0 0 last * *", 6, "unexpected"),
    ("0 0 * * L", 9, "needs a weekday, as in friL"), ("0 0 * * fri#0", 13, "1 to 5"),
    ("0 0 * * fri#6", 13, "1 to 5"),
    ("0 0 * * fri#-1", 13, "1 to 5"), ("0 0 * * sat%2", 12, "unexpected \"%\""),
    ("H(10-5) * * * *", 1, "runs backwards"),
    ("H/0 * * * *", 3, "a step of 0"), ("0 0 H(1-3)/9 * *", 5, "exceeds the 3 values"),
    ("H(1-2 * * * *", 6, "ends too early"),
    ("30~10 * * * *", 1, "runs backwards"), ("* * * *", 1, "has 4 fields; it takes 5"),
    ("* * * * * * * *", 1, "has 8 fields"),
    ("", 1, "is empty"), ("  ", 1, "is empty"), ("@wekly", 1, "did you mean \"@weekly\"?"),
    ("@foo", 1, "there are @hourly"),
    ("@every 5m", 1, "write every(\"5m\")"), ("kilroy was here", 1, "has 3 fields"),
  ]

  @Test(arguments: mistakes)
  func `a mistake is refused with its place and a remedy`(
    text: String, column: Int, message: String
  ) {
    let error = #expect(throws: TriggerError.self) { try Trigger.cron(text, TriggerOptions()) }
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    #expect(error?.column == column)
  }

  @Test(
    arguments: [
      ("0 0 * * 0", "0 0 * * 7"), ("0 0 * * sun", "0 0 * * SUNDAY"),
      ("*/10 * * * * *", "0/10 * * * * *"),
      ("0 0 * * 0-7", "0 0 * * *"), ("0 22-1 * * *", "0 22,23,0,1 * * *"),
      ("0 0 * * fri-mon", "0 0 * * 5,6,0,1"),
      ("0 0 * nov-feb *", "0 0 * 11,12,1,2 *"), ("0 0 ? * ?", "0 0 * * *"),
      ("0 0 1,1,1 * *", "0 0 1 * *"),
      ("* * * * *", "0 * * * * *"), ("0 0 * * *", "0 0 0 * * * *"), ("@hourly", "0 * * * *"),
      ("@Daily", "@midnight"),
      ("@yearly", "@annually"), ("@weekly", "0 0 * * 0"), ("@monthly", "0 0 1 * *"),
      ("0 0 5-7/2 * *", "0 0 5,7 * *"),
      ("0 0 * * 7-2", "0 0 * * 0-2"), ("50-10/15 * * * *", "50,5 * * * *"),
      ("0 0 LW * *", "0 0 lw * *"),
      ("0 0 * * 5L", "0 0 * * friL"), ("0 0 * * 7#1", "0 0 * * sun#1"),
      ("H H * * *", "H(0-59) H(0-23) * * *"),
    ])
  func `two spellings of an expression are equivalent`(a: String, b: String) throws {
    var from = try instant("2026-02-25T13:14:15Z")
    let options = TriggerOptions(hashKey: "a/b")
    let first = try Trigger.cron(a, options)
    let second = try Trigger.cron(b, options)
    for _ in 0..<40 {
      let fire = first.next(after: from, anchor: from)
      #expect(fire == second.next(after: from, anchor: from))
      from = try #require(fire)
    }
  }

  @Test func `H has a stable value in its range that depends on the job`() throws {
    var places: Set<String> = []
    for number in 0..<200 {
      let options = TriggerOptions(hashKey: "script.lua/job\(number)")
      let a = try Trigger.cron("H H(2-4) H * *", options)
      #expect(try a == Trigger.cron("H H(2-4) H * *", options))
      let from = try instant("2026-02-01T00:00:00Z")
      let fire = try #require(a.next(after: from.advanced(by: -1), anchor: from))
      let local = Zone.utc.localTime(of: fire)
      #expect((2...4).contains(local.hour) && local.date.month == 2)
      places.insert("\(local.minute)")
    }
    #expect(places.count > 40)
    let stepped = try fires("cron H(0-29)/10 * * * *", from: "2026-02-01T00:00:00Z", count: 6)
    let minutes = stepped.map { Int($0.dropFirst(14).prefix(2)) ?? 99 }.sorted()
    #expect(minutes.allSatisfy { $0 < 30 } && Set(minutes).count == 3)
  }

  @Test func `a tilde has a random value in its range that depends on the seed`() throws {
    var places: Set<Int> = []
    for seed in 0..<100 {
      let trigger = try Trigger.cron("10~20 * * * *", TriggerOptions(seed: UInt64(seed)))
      let from = try instant("2026-02-01T00:00:00Z")
      let fire = try #require(trigger.next(after: from, anchor: from))
      places.insert(Zone.utc.localTime(of: fire).minute)
    }
    #expect(places == Set(10...20))
  }

  @Test func `a tilde has a value of its own for each job`() throws {
    let from = try instant("2026-02-01T00:00:00Z")
    let minutes = try (0..<50).map { number in
      let options = TriggerOptions(hashKey: "a.lua:job\(number)", seed: 7)
      let trigger = try Trigger.cron("~ * * * *", options)
      return Zone.utc.localTime(of: try #require(trigger.next(after: from, anchor: from))).minute
    }
    #expect(Set(minutes).count > 20)
  }

  @Test(
    arguments: [
      ("0 0 */2 * 1-5", "must match both day fields"),
      ("0 0 13 * */2", "must match both day fields"),
      ("0 0 * * 2-6", "Quartz counts from 1"), ("0 0 * * 1,7", "Quartz counts from 1"),
      ("*/90 * * * *", "a step of 90"),
      ("0 0 12 ? * 6#3", "weekday 6 is Saturday here (0 and 7 are Sunday); in Quartz"),
      ("0 12 ? * 6L", "it is Friday. Names are clear"), ("0 0 12 * * 1", "it is Sunday."),
      ("0 0 12 ? * 1-5 2030", "weekday 1 is Monday here"), ("0 12 ? * mon,7", "it is Saturday."),
    ])
  func `an expression that looks like a mistake has a warning`(text: String, warning: String) throws
  {
    let trigger = try Trigger.cron(text, TriggerOptions())
    #expect(trigger.warnings.contains { $0.contains(warning) })
    for text in [
      "0 9 * * 1-5", "0 0 12 ? * fri#3", "0 0 12 * * *", "0 0 9 * * 0", "0 9 ? * H(1-5)",
    ] {
      #expect(try Trigger.cron(text, TriggerOptions()).warnings.isEmpty, "\(text)")
    }
  }

  @Test func `@reboot is a trigger that fires once, at the start`() throws {
    #expect(try Trigger.cron("@reboot", TriggerOptions()) == .reboot)
    #expect(Trigger.reboot.next(after: Timestamp(seconds: 5), anchor: Timestamp(seconds: 5)) == nil)
    #expect(
      Trigger.reboot.next(after: Timestamp(seconds: 4), anchor: Timestamp(seconds: 5))
        == Timestamp(seconds: 5))
  }
}
