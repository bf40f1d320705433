import TestSupport
import Testing
import Triggers

@Suite struct CombineTests {
  private func options(_ zone: String = "Europe/Berlin") throws -> TriggerOptions {
    TriggerOptions(zone: try Zones.zone(zone))
  }

  private func check(
    _ trigger: Trigger, _ from: String, _ expected: [String], zone: String = "Europe/Berlin"
  ) throws {
    let zone = try Zones.zone(zone)
    #expect(fires(trigger, in: zone, from: try instant(from), count: expected.count) == expected)
  }

  @Test func `a union fires when either trigger fires`() throws {
    let o = try options()
    let both = try Trigger.cron("0 0 10 * * *", o) | Trigger.every("monday at 09:00", o)
    try check(
      both, "2026-01-04T12:00:00+01:00",
      ["2026-01-05T09:00:00+01:00", "2026-01-05T10:00:00+01:00", "2026-01-06T10:00:00+01:00"])
    #expect(both.text == "cron 0 0 10 * * * | every monday at 09:00")
    let once = try Trigger.at("2026-01-05 09:00", o) | Trigger.every("monday at 09:00", o)
    try check(
      once, "2026-01-04T12:00:00+01:00", ["2026-01-05T09:00:00+01:00", "2026-01-12T09:00:00+01:00"])
  }

  @Test func `a trigger minus dates does not fire on these days`() throws {
    let o = try options()
    let holidays = try Trigger.dates(["2026-12-24..2026-12-26", "2027-01-01"], o)
    let work = try Trigger.cron("0 9 * * *", o) - holidays
    try check(
      work, "2026-12-23T10:00:00+01:00", ["2026-12-27T09:00:00+01:00", "2026-12-28T09:00:00+01:00"])
    try check(work, "2026-12-31T10:00:00+01:00", ["2027-01-02T09:00:00+01:00"])
    #expect(work.text == "cron 0 9 * * * - dates 2026-12-24..2026-12-26, 2027-01-01")
    #expect(
      work.words == "At 09:00 every day, Berlin time, except on 2026-12-24..2026-12-26, 2027-01-01")
    let seconds = try Trigger.every("1s", o) - holidays
    try check(
      seconds, "2026-12-23T23:59:58+01:00",
      ["2026-12-23T23:59:59+01:00", "2026-12-27T00:00:00+01:00", "2026-12-27T00:00:01+01:00"])
  }

  @Test func `dates may repeat every year and may stand alone`() throws {
    let o = try options()
    let dates = try Trigger.dates(["12-25", "2026-02-01", "02-29"], o)
    try check(
      dates, "2026-01-01T00:00:00+01:00",
      [
        "2026-02-01T00:00:00+01:00", "2026-12-25T00:00:00+01:00", "2027-12-25T00:00:00+01:00",
        "2028-02-29T00:00:00+01:00",
      ])
    for text in [
      "2026-02-30", "13-01", "02-30", "2026-12-26..2026-12-24", "christmas", "", "2026-1",
      "9999-01-01", "2026-01-01..x",
    ] {
      #expect(throws: TriggerError.self, "\(text)") { try Trigger.dates([text], o) }
    }
    #expect(throws: TriggerError.self) { try Trigger.dates([], o) }
  }

  @Test func `a window of the day includes both ends`() throws {
    let o = try options()
    let window = try Trigger.between("09:00", "10:00", o)
    let halves = try Trigger.cron("*/30 * * * *", o) & window
    try check(
      halves, "2026-01-01T00:00:00+01:00",
      [
        "2026-01-01T09:00:00+01:00", "2026-01-01T09:30:00+01:00", "2026-01-01T10:00:00+01:00",
        "2026-01-02T09:00:00+01:00",
      ])
    let night = try Trigger.cron("0 * * * *", o) & Trigger.between("22:00", "01:30", o)
    try check(
      night, "2026-01-01T12:00:00+01:00",
      [
        "2026-01-01T22:00:00+01:00", "2026-01-01T23:00:00+01:00", "2026-01-02T00:00:00+01:00",
        "2026-01-02T01:00:00+01:00", "2026-01-02T22:00:00+01:00",
      ])
    let period = try Trigger.cron("0 12 * * *", o) & Trigger.between("2026-03-01", "2026-03-02", o)
    try check(
      period, "2026-01-01T12:00:00+01:00",
      ["2026-03-01T12:00:00+01:00", "2026-03-02T12:00:00+01:00"])
    #expect(
      period.next(after: try instant("2026-03-02T12:00:00+01:00"), anchor: Timestamp(seconds: 0))
        == nil)
    #expect(throws: TriggerError.self) { try Trigger.between("09:00", "2026-01-01", o) }
    #expect(throws: TriggerError.self) { try Trigger.between("2026-01-02", "2026-01-01", o) }
    #expect(throws: TriggerError.self) { try Trigger.between("9", "10", o) }
  }

  @Test func `a window follows the wall clock through its changes`() throws {
    let o = try options()
    let trigger = try Trigger.cron("*/10 * * * * *", o) & Trigger.between("02:30", "02:59", o)
    var expected: [Timestamp] = []
    let start = try instant("2026-10-24T22:00:00Z")
    // The window includes both passes of the repeated hour.
    for second in stride(from: Int64(0), to: 6 * 3600, by: 10) {
      let at = Timestamp(seconds: start.seconds + second)
      let local = o.zone.localTime(of: at)
      if local.hour == 2 && local.minute >= 30 && (local.minute < 59 || local.second == 0) {
        expected.append(at)
      }
    }
    var found: [Timestamp] = []
    var last = start
    while let fire = trigger.next(after: last, anchor: start),
      fire.seconds < start.seconds + 6 * 3600
    {
      found.append(fire)
      last = fire
    }
    #expect(found == expected && expected.count > 300)
  }

  @Test func `an intersection fires when both name the same instant`() throws {
    let o = try options("UTC")
    let friday13 = try Trigger.cron("0 0 13 * *", o) & Trigger.every("friday", o)
    try check(
      friday13, "2026-01-01T00:00:00Z",
      ["2026-02-13T00:00:00+00:00", "2026-03-13T00:00:00+00:00", "2026-11-13T00:00:00+00:00"],
      zone: "UTC")
    let nested =
      try (Trigger.cron("0 * * * *", o) & Trigger.between("09:00", "17:00", o))
      - (Trigger.every("weekend", o) | Trigger.dates(["2026-01-02"], o))
    #expect(
      nested.text
        == "(cron 0 * * * * & between 09:00 and 17:00) - (every weekend | dates 2026-01-02)")
    try check(
      nested, "2026-01-01T16:30:00Z", ["2026-01-01T17:00:00+00:00", "2026-01-03T09:00:00+00:00"],
      zone: "UTC")
  }

  @Test func `the words group the parts of a combination`() throws {
    let o = try options()
    let nine = try Trigger.cron("0 9 * * *", o)
    let ten = try Trigger.cron("0 10 * * *", options("Asia/Tokyo"))
    let christmas = try Trigger.dates(["12-25"], o)
    #expect(
      try (nine | ten).words == "At 09:00 every day, Berlin time; or at 10:00 every day, Tokyo time"
    )
    #expect(
      try ((nine | ten) - christmas).words
        == "(At 09:00 every day, Berlin time; or at 10:00 every day, Tokyo time), except on 12-25")
    #expect(
      try (ten - christmas).words
        == "At 10:00 every day, Tokyo time, except on 12-25, Berlin time")
    #expect(
      try (Trigger.every("15m", o) & Trigger.between("09:00", "17:00", o)).words
        == "every 15 minutes, only between 09:00 and 17:00, Berlin time")
    #expect(
      try (nine & Trigger.every("friday at 09:00", o)).words
        == "At 09:00 every day, Berlin time, only when (at 09:00 on Friday, Berlin time)")
  }

  @Test func `a combination follows changes of the clocks as its parts do`() throws {
    let o = try options()
    let minutes = try Trigger.cron("* * * * *", o)
    let daily = try Trigger.cron("30 2 * * *", o)
    let day = try Trigger.between("09:00", "17:00", o)
    for (trigger, skips, repeats) in [
      (minutes, true, true), (daily, false, false), (try minutes | daily, false, true),
      (try minutes & day, true, true), (try daily - day, false, false),
      (try Trigger.every("1s", o) & day, true, true), (try minutes & daily, false, true),
    ] {
      #expect(trigger.skipsGaps == skips && trigger.repeatsFolds == repeats, "\(trigger.text)")
    }
  }

  /// Each of these would take minutes if the budget counted candidates only.
  @Test func `a search through a large combination gives up in time`() throws {
    let o = try options("UTC")
    let from = try instant("2026-01-01T00:00:00Z")
    func any(_ count: Int, _ make: (Int) throws -> Trigger) throws -> Trigger {
      try (1..<count).reduce(make(0)) { try $0 | make($1) }
    }
    let pole = TriggerOptions(latitude: 90, longitude: 0)
    let suns = try any(98) { _ in try Trigger.every("astronomical dawn", pole) }
    let north = TriggerOptions(latitude: 60, longitude: 0)
    let noons = try any(49) { _ in try Trigger.every("noon", north) }
    let east = TriggerOptions(latitude: 60, longitude: 1)
    let otherNoons = try any(49) { _ in try Trigger.every("noon", east) }
    let nested = try (1...97).reduce(Trigger.between("00:00", "12:00", o)) {
      try $0 & Trigger.between("00:00", "12:0\($1 % 10)", o)
    }
    let never = try Trigger.cron("0 0 * * *", o) & Trigger.cron("1 0 * * *", o)
    let costly = try Trigger.between("00:00", "23:59:59", o) - never
    let spans = try any(20) { _ in try Trigger.between("00:00", "23:59:00", o) | costly }
    for trigger in [
      try suns & Trigger.cron("0 0 * * *", o), try noons & otherNoons,
      try nested & Trigger.cron("0 13 * * *", o), try Trigger.cron("0 * * * *", o) - spans,
    ] {
      let start = FuzzTests.processorTime
      #expect(trigger.search(after: from, anchor: from) == .gaveUp, "\(trigger.words.prefix(99))")
      #expect(FuzzTests.processorTime - start < 2, "\(trigger.words.prefix(99))")
    }
    #expect(suns.search(after: from, anchor: from) != .gaveUp)
  }

  @Test func `a search without a result gives up and reports it`() throws {
    let o = try options("UTC")
    let never = try Trigger.cron("0 0 * * *", o) & Trigger.cron("1 0 * * *", o)
    let from = try instant("2026-01-01T00:00:00Z")
    #expect(never.search(after: from, anchor: from) == .gaveUp)
    let error = #expect(throws: TriggerError.self) { try never.checkFires() }
    #expect(error?.code == .gaveUp && error?.message.contains("10,000 candidates") == true)
    let gone = try Trigger.at("2020-01-01", o) & Trigger.cron("0 0 * * *", o)
    #expect(gone.search(after: from, anchor: from) == .never)
    let one = try Trigger.cron("0 9 * * *", o)
    #expect(one.search(after: from, anchor: from) == .fire(try instant("2026-01-01T09:00:00Z")))
    try one.checkFires()
    try gone.checkFires()
  }

  @Test func `combinations are bounded`() throws {
    var trigger = try Trigger.cron("0 9 * * *", try options())
    #expect(throws: TriggerError.self) {
      for _ in 0..<10 { trigger = try trigger | trigger }
    }
    #expect(throws: TriggerError.self) { try Trigger.reboot & trigger }
    _ = try Trigger.reboot | Trigger.cron("0 9 * * *", try options())
  }

  /// Compares with sets of instants: the fires of each trigger, and for spans a test of membership.
  @Test func `random combinations agree with sets`() throws {
    let seed = UInt64.random(in: 0...999_999)
    print("seed of the combinations: \(seed)")
    var random = SplitMix64(seed: seed)
    let zone = try Zones.zone("Europe/Berlin")
    let o = TriggerOptions(zone: zone)
    let points = [
      "0 * * * *", "*/20 * * * *", "30 2 * * *", "0 9-17 * * 1-5", "15,45 */2 * * *", "0 0 * * *",
    ]
    for _ in 0..<60 {
      let start = try instant(
        random.pick(["2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z", "2026-06-01T00:00:00Z"]))
      let a = try Trigger.cron(random.pick(points), o)
      let b = try Trigger.cron(random.pick(points), o)
      let (from, to) = (random.next(in: 0...23), random.next(in: 0...23))
      let window = try Trigger.between("\(from):30", "\(to):00", o)
      let made: (Trigger, (Timestamp) -> Bool)
      func fired(_ t: Trigger, _ at: Timestamp) -> Bool {
        t.next(after: at.advanced(by: -1), anchor: start) == at
      }
      func within(_ at: Timestamp) -> Bool {
        let second = zone.localTime(of: at).hour * 3600 + zone.localTime(of: at).minute * 60
        let (low, high) = (from * 3600 + 1800, to * 3600)
        return low <= high ? second >= low && second <= high : second >= low || second <= high
      }
      switch random.next(in: 0...4) {
      case 0: made = (try a & b, { fired(a, $0) && fired(b, $0) })
      case 1: made = (try a - b, { fired(a, $0) && !fired(b, $0) })
      case 2: made = (try a & window, { fired(a, $0) && within($0) })
      case 3: made = (try (a | b) - window, { (fired(a, $0) || fired(b, $0)) && !within($0) })
      default: made = (try (a - b) & (window - b), { fired(a, $0) && !fired(b, $0) && within($0) })
      }
      let expected = stride(from: Int64(300), through: 2 * 86400, by: 300)
        .map { Timestamp(seconds: start.seconds + $0) }.filter(made.1)
      var found: [Timestamp] = []
      var last = start
      while let fire = made.0.next(after: last, anchor: start),
        fire.seconds <= start.seconds + 2 * 86400
      {
        found.append(fire)
        last = fire
      }
      #expect(found == expected, "\(made.0.text) after \(start), seed \(seed)")
    }
  }
}
