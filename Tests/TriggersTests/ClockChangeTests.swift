import Testing
import Triggers

@Suite struct ClockChangeTests {
  /// Spec, zone, gap, fold, after, fires.
  static let table: [(String, String, Gap?, Fold?, String, [String])] = [
    (
      "cron 30 2 * * *", "Europe/Berlin", nil, nil, "2026-03-28T12:00:00+01:00",
      ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]
    ),
    (
      "cron 30 2 * * *", "Europe/Berlin", .shift, nil, "2026-03-28T12:00:00+01:00",
      ["2026-03-29T03:30:00+02:00", "2026-03-30T02:30:00+02:00"]
    ),
    (
      "cron 30 2 * * *", "Europe/Berlin", .skip, nil, "2026-03-28T12:00:00+01:00",
      ["2026-03-30T02:30:00+02:00"]
    ),
    (
      "cron 0-59/10 2 * * *", "Europe/Berlin", nil, nil, "2026-03-28T12:00:00+01:00",
      ["2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"]
    ),
    (
      "cron 0,30 2,3 * * *", "Europe/Berlin", nil, nil, "2026-03-29T00:00:00+01:00",
      ["2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:00:00+02:00"]
    ),
    (
      "cron */30 2 * * *", "Europe/Berlin", nil, nil, "2026-03-28T12:00:00+01:00",
      ["2026-03-30T02:00:00+02:00"]
    ),
    (
      "cron */30 2 * * *", "Europe/Berlin", .after, nil, "2026-03-28T12:00:00+01:00",
      ["2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"]
    ),
    (
      "cron */30 * * * *", "Europe/Berlin", nil, nil, "2026-03-29T01:10:00+01:00",
      ["2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"]
    ),
    (
      "cron 30 2 * * *", "Europe/Berlin", nil, nil, "2026-10-24T12:00:00+02:00",
      ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]
    ),
    (
      "cron 30 2 * * *", "Europe/Berlin", nil, nil, "2026-10-25T02:10:00+01:00",
      ["2026-10-26T02:30:00+01:00"]
    ),
    (
      "cron 30 2 * * *", "Europe/Berlin", nil, .last, "2026-10-24T12:00:00+02:00",
      ["2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00"]
    ),
    (
      "cron 30 2 * * *", "Europe/Berlin", nil, .both, "2026-10-24T12:00:00+02:00",
      ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00"]
    ),
    (
      "cron */30 * * * *", "Europe/Berlin", nil, nil, "2026-10-25T02:10:00+02:00",
      ["2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00"]
    ),
    (
      "cron */30 * * * *", "Europe/Berlin", nil, .first, "2026-10-25T02:10:00+02:00",
      ["2026-10-25T02:30:00+02:00", "2026-10-25T03:00:00+01:00"]
    ),
    (
      "every hour at :30", "Europe/Berlin", nil, nil, "2026-10-25T02:10:00+02:00",
      ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:30:00+01:00"]
    ),
    (
      "every day at 02:30", "Europe/Berlin", nil, nil, "2026-03-28T12:00:00+01:00",
      ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]
    ),
    (
      "every sunday at 02:30", "Europe/Berlin", nil, nil, "2026-10-24T12:00:00+02:00",
      ["2026-10-25T02:30:00+02:00", "2026-11-01T02:30:00+01:00"]
    ),
    (
      "every month on the last sunday at 02:30", "Europe/Berlin", .shift, .last,
      "2026-03-01T00:00:00+01:00",
      ["2026-03-29T03:30:00+02:00", "2026-04-26T02:30:00+02:00"]
    ),
    (
      "every 30m", "Europe/Berlin", nil, nil, "2026-03-29T01:45:00+01:00",
      ["2026-03-29T03:15:00+02:00", "2026-03-29T03:45:00+02:00"]
    ),
    (
      "cron 31 1 * * *", "Australia/Lord_Howe", nil, nil, "2026-04-04T12:00:00+11:00",
      ["2026-04-05T01:31:00+11:00", "2026-04-06T01:31:00+10:30"]
    ),
    (
      "cron 15 2 * * *", "Australia/Lord_Howe", nil, nil, "2026-10-03T12:00:00+10:30",
      ["2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"]
    ),
    (
      "cron 15 2 * * *", "Australia/Lord_Howe", .shift, nil, "2026-10-03T12:00:00+10:30",
      ["2026-10-04T02:45:00+11:00", "2026-10-05T02:15:00+11:00"]
    ),
    (
      "cron 1 0 * * *", "America/St_Johns", nil, nil, "2006-10-28T12:00:00-02:30",
      ["2006-10-29T00:01:00-03:30", "2006-10-30T00:01:00-03:30"]
    ),
    (
      "cron 0 9 * * *", "Pacific/Apia", nil, nil, "2011-12-29T08:00:00-10:00",
      ["2011-12-29T09:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T09:00:00+14:00"]
    ),
    (
      "cron 0 * * * *", "Pacific/Apia", nil, nil, "2011-12-29T23:00:00-10:00",
      ["2011-12-31T00:00:00+14:00", "2011-12-31T01:00:00+14:00"]
    ),
    (
      "cron 0 9 30 12 *", "Pacific/Apia", .skip, nil, "2011-12-29T08:00:00-10:00",
      ["2012-12-30T09:00:00+14:00"]
    ),
    (
      "cron 30 2 * * *", "Africa/Casablanca", nil, nil, "2026-02-14T12:00:00+01:00",
      ["2026-02-15T02:30:00+01:00", "2026-02-16T02:30:00+00:00"]
    ),
    (
      "cron 30 1 * * *", "Europe/Dublin", nil, nil, "2026-03-28T12:00:00+00:00",
      ["2026-03-29T02:00:00+01:00", "2026-03-30T01:30:00+01:00"]
    ),
    (
      "cron 30 2 * * *", "Antarctica/Troll", nil, nil, "2026-03-28T12:00:00+00:00",
      ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]
    ),
    (
      "cron 30 2 * * *", "Antarctica/Troll", nil, .last, "2026-10-24T12:00:00+02:00",
      ["2026-10-25T02:30:00+00:00", "2026-10-26T02:30:00+00:00"]
    ),
    (
      "cron 5 0 1 1 *", "Asia/Kathmandu", nil, nil, "1985-12-31T12:00:00+05:30",
      ["1986-01-01T00:15:00+05:45", "1987-01-01T00:05:00+05:45"]
    ),
    (
      "cron 0 0 * * *", "America/Sao_Paulo", nil, nil, "2018-11-03T12:00:00-03:00",
      ["2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"]
    ),
    (
      "cron 30 2 * * *", "Europe/Berlin", nil, nil, "2199-03-30T12:00:00+01:00",
      ["2199-03-31T03:00:00+02:00", "2199-04-01T02:30:00+02:00"]
    ),
    (
      "at 2026-03-29 02:30", "Europe/Berlin", nil, nil, "2026-01-01T00:00:00Z",
      ["2026-03-29T03:00:00+02:00"]
    ),
    (
      "at 2026-03-29 02:30", "Europe/Berlin", .shift, nil, "2026-01-01T00:00:00Z",
      ["2026-03-29T03:30:00+02:00"]
    ),
    (
      "at 2026-10-25 02:30", "Europe/Berlin", nil, .last, "2026-01-01T00:00:00Z",
      ["2026-10-25T02:30:00+01:00"]
    ),
  ]

  @Test(arguments: table)
  func `gap and fold decide when a trigger fires on nights on which clocks change`(
    spec: String, zone: String, gap: Gap?, fold: Fold?, from: String, expected: [String]
  ) throws {
    #expect(
      try fires(spec, in: zone, from: from, count: expected.count, gap: gap, fold: fold)
        == expected)
  }

  @Test(
    arguments: [
      (
        "cron 30 2 * * *", "02:30 does not exist and fires at 03:00",
        "02:30 comes twice and fires the first time only"
      ),
      (
        "cron */30 * * * *", "02:00 and 02:30 do not exist and do not fire",
        "02:00 and 02:30 come twice and fire both times"
      ),
      ("cron 0 9 * * *", "none of its times is touched", "none of its times is touched"),
    ])
  func `the next two changes are explained`(spec: String, spring: String, autumn: String) throws {
    let zone = try Zones.zone("Europe/Berlin")
    let from = try instant("2026-01-01T00:00:00Z")
    let trigger = try Trigger.parse(spec: spec, TriggerOptions(zone: zone, now: from))
    let changes = trigger.clockChanges(after: from, anchor: from)
    #expect(
      changes.map(\.words) == [
        "2026-03-29: the clocks go forward from 02:00 to 03:00; " + spring,
        "2026-10-25: the clocks go back from 03:00 to 02:00; " + autumn,
      ])
    let elapsed = try Trigger.every("10s", TriggerOptions())
    #expect(elapsed.clockChanges(after: from, anchor: from).isEmpty)
  }

  @Test func `the fires nearest to a change are shown`() throws {
    let zone = try Zones.zone("Europe/Berlin")
    let from = try instant("2026-01-01T00:00:00Z")
    let minutes = try Trigger.cron("* * * * *", TriggerOptions(zone: zone, now: from))
    let changes = minutes.clockChanges(after: from, anchor: from)
    #expect(
      changes.map { $0.fires.map { String($0.iso(in: zone).dropFirst(11)) } } == [
        [
          "01:56:00+01:00", "01:57:00+01:00", "01:58:00+01:00", "01:59:00+01:00",
          "03:00:00+02:00", "03:01:00+02:00", "03:02:00+02:00", "03:03:00+02:00",
        ],
        [
          "02:56:00+02:00", "02:57:00+02:00", "02:58:00+02:00", "02:59:00+02:00",
          "02:00:00+01:00", "02:01:00+01:00", "02:02:00+01:00", "02:03:00+01:00",
        ],
      ])
    // The step is three days from the registration; the change is on the 29th step.
    let days = try Trigger.every("3 days at 02:15", TriggerOptions(zone: zone, now: from))
    let spring = try #require(days.clockChanges(after: from, anchor: from).first)
    #expect(spring.words.hasSuffix("02:15 does not exist and fires at 03:00"))
    let later = from.advanced(by: 86_400_000_000_000)
    let other = try #require(days.clockChanges(after: from, anchor: later).first)
    #expect(other.words.hasSuffix("none of its times is touched") && other.fires.isEmpty)
  }

  @Test func `a day that does not exist is explained with its dates`() throws {
    let zone = try Zones.zone("Pacific/Apia")
    let from = try instant("2011-12-29T12:00:00Z")
    let trigger = try Trigger.cron("0 9 * * *", TriggerOptions(zone: zone, now: from))
    #expect(
      trigger.clockChanges(after: from, anchor: from)[0].words
        == "2011-12-30: the clocks go forward from 00:00 to 00:00 on 2011-12-31; "
        + "09:00 does not exist and fires at 00:00 on 2011-12-31")
  }
}
