import Testing
import Triggers

@Suite struct SunTests {
  /// `event | latitude | longitude | after | instant`, computed with an ephemeris that is accurate to a second
  /// (libastro, with the almanac's 50 minutes of arc for the horizon).
  static let table = """
    sunrise | 52.5 | 13.4 | 2026-03-20T00:00:00Z | 2026-03-20T05:09:17Z
    nautical dawn | 52.5 | 13.4 | 2026-03-20T00:00:00Z | 2026-03-20T03:55:03Z
    dawn | 52.5 | 13.4 | 2026-06-21T00:00:00Z | 2026-06-21T01:53:03Z
    nautical dawn | 52.5 | 13.4 | 2026-09-23T00:00:00Z | 2026-09-23T03:39:21Z
    noon | 52.5 | 13.4 | 2026-09-23T00:00:00Z | 2026-09-23T10:58:47Z
    astronomical dawn | 52.5 | 13.4 | 2026-12-21T00:00:00Z | 2026-12-21T05:07:00Z
    sunset | 52.5 | 13.4 | 2026-12-21T00:00:00Z | 2026-12-21T14:54:03Z
    noon | 52.5 | 13.4 | 2024-02-29T00:00:00Z | 2024-02-29T11:18:48Z
    dusk | 52.5 | 13.4 | 2024-02-29T00:00:00Z | 2024-02-29T17:18:38Z
    sunset | 52.5 | 13.4 | 1950-07-04T00:00:00Z | 1950-07-04T19:31:18Z
    nautical dusk | 52.5 | 13.4 | 1950-07-04T00:00:00Z | 1950-07-04T21:38:39Z
    dusk | 52.5 | 13.4 | 2099-10-10T00:00:00Z | 2099-10-10T16:56:28Z
    astronomical dusk | 52.5 | 13.4 | 2099-10-10T00:00:00Z | 2099-10-10T18:15:40Z
    nautical dusk | 64.07 | -21.97 | 2026-03-20T00:00:00Z | 2026-03-20T21:29:46Z
    sunrise | 64.07 | -21.97 | 2026-03-20T00:00:00Z | 2026-03-20T07:28:45Z
    sunrise | 64.07 | -21.97 | 2026-09-23T00:00:00Z | 2026-09-23T07:13:40Z
    nautical dawn | 64.07 | -21.97 | 2026-09-23T00:00:00Z | 2026-09-23T05:27:37Z
    dawn | 64.07 | -21.97 | 2026-12-21T00:00:00Z | 2026-12-21T10:02:26Z
    astronomical dawn | 64.07 | -21.97 | 2026-12-21T00:00:00Z | 2026-12-21T07:53:45Z
    nautical dawn | 64.07 | -21.97 | 2024-02-29T00:00:00Z | 2024-02-29T06:54:13Z
    noon | 64.07 | -21.97 | 2024-02-29T00:00:00Z | 2024-02-29T13:40:15Z
    sunset | 64.07 | -21.97 | 1950-07-04T00:00:00Z | 1950-07-04T23:50:37Z
    noon | 64.07 | -21.97 | 2099-10-10T00:00:00Z | 2099-10-10T13:14:46Z
    dusk | 64.07 | -21.97 | 2099-10-10T00:00:00Z | 2099-10-10T19:12:07Z
    sunset | -0.25 | -78.58 | 2026-03-20T00:00:00Z | 2026-03-20T23:24:56Z
    nautical dusk | -0.25 | -78.58 | 2026-03-20T00:00:00Z | 2026-03-20T00:09:53Z
    dusk | -0.25 | -78.58 | 2026-06-21T00:00:00Z | 2026-06-21T23:41:57Z
    astronomical dusk | -0.25 | -78.58 | 2026-06-21T00:00:00Z | 2026-06-21T00:34:17Z
    nautical dusk | -0.25 | -78.58 | 2026-09-23T00:00:00Z | 2026-09-23T23:54:31Z
    sunrise | -0.25 | -78.58 | 2026-09-23T00:00:00Z | 2026-09-23T11:03:22Z
    astronomical dusk | -0.25 | -78.58 | 2026-12-21T00:00:00Z | 2026-12-21T00:31:19Z
    dawn | -0.25 | -78.58 | 2026-12-21T00:00:00Z | 2026-12-21T10:45:46Z
    sunrise | -0.25 | -78.58 | 2024-02-29T00:00:00Z | 2024-02-29T11:23:13Z
    nautical dawn | -0.25 | -78.58 | 2024-02-29T00:00:00Z | 2024-02-29T10:38:09Z
    dawn | -0.25 | -78.58 | 1950-07-04T00:00:00Z | 1950-07-04T10:52:51Z
    astronomical dawn | -0.25 | -78.58 | 1950-07-04T00:00:00Z | 1950-07-04T10:00:31Z
    nautical dawn | -0.25 | -78.58 | 2099-10-10T00:00:00Z | 2099-10-10T10:12:47Z
    noon | -0.25 | -78.58 | 2099-10-10T00:00:00Z | 2099-10-10T17:01:10Z
    astronomical dawn | -54.8 | -68.3 | 2026-03-20T00:00:00Z | 2026-03-20T08:30:19Z
    sunset | -54.8 | -68.3 | 2026-03-20T00:00:00Z | 2026-03-20T22:45:31Z
    noon | -54.8 | -68.3 | 2026-06-21T00:00:00Z | 2026-06-21T16:35:03Z
    dusk | -54.8 | -68.3 | 2026-06-21T00:00:00Z | 2026-06-21T20:56:31Z
    sunset | -54.8 | -68.3 | 2026-09-23T00:00:00Z | 2026-09-23T22:33:15Z
    nautical dusk | -54.8 | -68.3 | 2026-09-23T00:00:00Z | 2026-09-23T23:52:18Z
    dusk | -54.8 | -68.3 | 2026-12-21T00:00:00Z | 2026-12-21T02:08:14Z
    nautical dusk | -54.8 | -68.3 | 2024-02-29T00:00:00Z | 2024-02-29T01:01:43Z
    sunrise | -54.8 | -68.3 | 2024-02-29T00:00:00Z | 2024-02-29T09:55:26Z
    astronomical dusk | -54.8 | -68.3 | 1950-07-04T00:00:00Z | 1950-07-04T22:33:43Z
    dawn | -54.8 | -68.3 | 1950-07-04T00:00:00Z | 1950-07-04T12:12:16Z
    sunrise | -54.8 | -68.3 | 2099-10-10T00:00:00Z | 2099-10-10T09:35:05Z
    nautical dawn | -54.8 | -68.3 | 2099-10-10T00:00:00Z | 2099-10-10T08:11:26Z
    dawn | -33.87 | 151.21 | 2026-03-20T00:00:00Z | 2026-03-20T19:33:48Z
    astronomical dawn | -33.87 | 151.21 | 2026-03-20T00:00:00Z | 2026-03-20T18:35:18Z
    nautical dawn | -33.87 | 151.21 | 2026-06-21T00:00:00Z | 2026-06-21T20:01:12Z
    noon | -33.87 | 151.21 | 2026-06-21T00:00:00Z | 2026-06-21T01:56:53Z
    astronomical dawn | -33.87 | 151.21 | 2026-09-23T00:00:00Z | 2026-09-23T18:19:11Z
    sunset | -33.87 | 151.21 | 2026-09-23T00:00:00Z | 2026-09-23T07:51:56Z
    noon | -33.87 | 151.21 | 2026-12-21T00:00:00Z | 2026-12-21T01:53:00Z
    dusk | -33.87 | 151.21 | 2026-12-21T00:00:00Z | 2026-12-21T09:34:34Z
    sunset | -33.87 | 151.21 | 2024-02-29T00:00:00Z | 2024-02-29T08:32:32Z
    nautical dusk | -33.87 | 151.21 | 2024-02-29T00:00:00Z | 2024-02-29T09:27:56Z
    dusk | -33.87 | 151.21 | 1950-07-04T00:00:00Z | 1950-07-04T07:25:25Z
    astronomical dusk | -33.87 | 151.21 | 1950-07-04T00:00:00Z | 1950-07-04T08:26:55Z
    nautical dusk | -33.87 | 151.21 | 2099-10-10T00:00:00Z | 2099-10-10T08:59:46Z
    sunrise | -33.87 | 151.21 | 2099-10-10T00:00:00Z | 2099-10-10T19:19:03Z
    astronomical dusk | 65.0 | 0.0 | 2026-03-20T00:00:00Z | 2026-03-20T21:16:35Z
    dawn | 65.0 | 0.0 | 2026-03-20T00:00:00Z | 2026-03-20T05:11:39Z
    sunrise | 65.0 | 0.0 | 2026-06-21T00:00:00Z | 2026-06-21T01:00:40Z
    dawn | 65.0 | 0.0 | 2026-09-23T00:00:00Z | 2026-09-23T04:55:54Z
    astronomical dawn | 65.0 | 0.0 | 2026-09-23T00:00:00Z | 2026-09-23T02:45:07Z
    nautical dawn | 65.0 | 0.0 | 2026-12-21T00:00:00Z | 2026-12-21T07:30:40Z
    noon | 65.0 | 0.0 | 2026-12-21T00:00:00Z | 2026-12-21T11:58:03Z
    astronomical dawn | 65.0 | 0.0 | 2024-02-29T00:00:00Z | 2024-02-29T04:26:53Z
    sunset | 65.0 | 0.0 | 2024-02-29T00:00:00Z | 2024-02-29T17:14:10Z
    noon | 65.0 | 0.0 | 1950-07-04T00:00:00Z | 1950-07-04T12:04:10Z
    sunset | 65.0 | 0.0 | 2099-10-10T00:00:00Z | 2099-10-10T16:54:24Z
    nautical dusk | 65.0 | 0.0 | 2099-10-10T00:00:00Z | 2099-10-10T18:40:44Z
    dusk | -65.0 | 180.0 | 2026-03-20T00:00:00Z | 2026-03-20T07:05:52Z
    astronomical dusk | -65.0 | 180.0 | 2026-03-20T00:00:00Z | 2026-03-20T09:16:31Z
    nautical dusk | -65.0 | 180.0 | 2026-06-21T00:00:00Z | 2026-06-21T04:29:02Z
    sunrise | -65.0 | 180.0 | 2026-06-21T00:00:00Z | 2026-06-21T22:14:32Z
    astronomical dusk | -65.0 | 180.0 | 2026-09-23T00:00:00Z | 2026-09-23T09:02:09Z
    dawn | -65.0 | 180.0 | 2026-09-23T00:00:00Z | 2026-09-23T16:52:37Z
    sunrise | -65.0 | 180.0 | 2026-12-21T00:00:00Z | 2026-12-21T12:57:04Z
    dawn | -65.0 | 180.0 | 2024-02-29T00:00:00Z | 2024-02-29T16:02:44Z
    nautical dawn | -65.0 | 180.0 | 1950-07-04T00:00:00Z | 1950-07-04T19:31:25Z
    noon | -65.0 | 180.0 | 1950-07-04T00:00:00Z | 1950-07-04T00:04:05Z
    astronomical dawn | -65.0 | 180.0 | 2099-10-10T00:00:00Z | 2099-10-10T12:09:54Z
    sunset | -65.0 | 180.0 | 2099-10-10T00:00:00Z | 2099-10-10T06:54:23Z
    noon | 64.84 | -147.72 | 2026-03-20T00:00:00Z | 2026-03-20T21:58:11Z
    dusk | 64.84 | -147.72 | 2026-03-20T00:00:00Z | 2026-03-20T04:53:53Z
    sunset | 64.84 | -147.72 | 2026-06-21T00:00:00Z | 2026-06-21T08:47:44Z
    dusk | 64.84 | -147.72 | 2026-09-23T00:00:00Z | 2026-09-23T04:39:37Z
    astronomical dusk | 64.84 | -147.72 | 2026-09-23T00:00:00Z | 2026-09-23T06:48:26Z
    nautical dusk | 64.84 | -147.72 | 2026-12-21T00:00:00Z | 2026-12-21T02:16:56Z
    sunrise | 64.84 | -147.72 | 2026-12-21T00:00:00Z | 2026-12-21T19:58:29Z
    astronomical dusk | 64.84 | -147.72 | 2024-02-29T00:00:00Z | 2024-02-29T05:48:29Z
    dawn | 64.84 | -147.72 | 2024-02-29T00:00:00Z | 2024-02-29T16:11:34Z
    sunrise | 64.84 | -147.72 | 1950-07-04T00:00:00Z | 1950-07-04T11:16:50Z
    dawn | 64.84 | -147.72 | 2099-10-10T00:00:00Z | 2099-10-10T15:40:18Z
    astronomical dawn | 64.84 | -147.72 | 2099-10-10T00:00:00Z | 2099-10-10T13:44:28Z
    nautical dawn | 35.68 | 139.69 | 2026-03-20T00:00:00Z | 2026-03-20T19:49:01Z
    noon | 35.68 | 139.69 | 2026-03-20T00:00:00Z | 2026-03-20T02:48:47Z
    astronomical dawn | 35.68 | 139.69 | 2026-06-21T00:00:00Z | 2026-06-21T17:36:56Z
    sunset | 35.68 | 139.69 | 2026-06-21T00:00:00Z | 2026-06-21T10:00:17Z
    noon | 35.68 | 139.69 | 2026-09-23T00:00:00Z | 2026-09-23T02:33:45Z
    dusk | 35.68 | 139.69 | 2026-09-23T00:00:00Z | 2026-09-23T09:02:47Z
    sunset | 35.68 | 139.69 | 2026-12-21T00:00:00Z | 2026-12-21T07:31:20Z
    nautical dusk | 35.68 | 139.69 | 2026-12-21T00:00:00Z | 2026-12-21T08:31:49Z
    dusk | 35.68 | 139.69 | 2024-02-29T00:00:00Z | 2024-02-29T09:01:06Z
    astronomical dusk | 35.68 | 139.69 | 2024-02-29T00:00:00Z | 2024-02-29T10:00:17Z
    nautical dusk | 35.68 | 139.69 | 1950-07-04T00:00:00Z | 1950-07-04T11:07:35Z
    sunrise | 35.68 | 139.69 | 1950-07-04T00:00:00Z | 1950-07-04T19:30:13Z
    astronomical dusk | 35.68 | 139.69 | 2099-10-10T00:00:00Z | 2099-10-10T09:37:17Z
    dawn | 35.68 | 139.69 | 2099-10-10T00:00:00Z | 2099-10-10T20:18:33Z
    """

  private func options(_ latitude: Double, _ longitude: Double) -> TriggerOptions {
    TriggerOptions(latitude: latitude, longitude: longitude)
  }

  @Test(arguments: table.split(separator: "\n").map(String.init))
  func `events of the sun are accurate to half a minute`(row: String) throws {
    let parts = row.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
    let latitude = try #require(Double(parts[1]))
    let longitude = try #require(Double(parts[2]))
    let from = try instant(parts[3])
    let trigger = try Trigger.every(parts[0], options(latitude, longitude))
    let fire = try #require(trigger.next(after: from, anchor: from))
    let expected = try instant(parts[4])
    #expect(fire.distance(to: expected).magnitude <= 30_000_000_000, "\(fire) for \(expected)")
  }

  /// Atlanta on 6 September 2009, as the United States Naval Observatory published it.
  @Test(
    arguments: [
      ("civil dawn", "06:50"), ("sunrise", "07:15"), ("solar noon", "13:36"), ("sunset", "19:56"),
      ("dusk", "20:21"),
    ])
  func `the sun agrees with the published almanac to a minute`(event: String, time: String) throws {
    let trigger = try Trigger.every(event, options(33.8, -84.4))
    let from = try instant("2009-09-06T00:00:00-04:00")
    let fire = try #require(trigger.next(after: from, anchor: from))
    let expected = try instant("2009-09-06T\(time):00-04:00")
    #expect(fire.distance(to: expected).magnitude <= 60_000_000_000, "\(fire)")
  }

  @Test func `at the poles the sun rises and sets once a year`() throws {
    for (latitude, event, month) in [
      (90.0, "sunset", 9), (90, "sunrise", 3), (-90, "sunset", 3), (-90, "sunrise", 9),
    ] {
      let trigger = try Trigger.every(event, options(latitude, 0))
      let from = try instant("2026-01-01T00:00:00Z")
      let first = try #require(trigger.next(after: from, anchor: from))
      let second = try #require(trigger.next(after: first, anchor: from))
      #expect(Zone.utc.localTime(of: first).date.month == month)
      #expect((360...370).contains(first.distance(to: second) / 86_400_000_000_000))
    }
  }

  @Test func `an offset moves the event, over midnight too`() throws {
    let from = try instant("2026-06-21T00:00:00Z")
    let sunset = try Trigger.every("sunset", options(52.5, 13.4))
    let simple = try #require(sunset.next(after: from, anchor: from))
    for (text, minutes) in [("sunset - 15m", -15), ("sunset + 1h 30m", 90), ("sunset -10h", -600)] {
      let moved = try Trigger.every(text, options(52.5, 13.4))
      let fire = try #require(moved.next(after: from, anchor: from))
      #expect(fire == simple.advanced(by: Int64(minutes) * 60_000_000_000), "\(text)")
    }
  }

  @Test func `an event waits for the next day on which it happens`() throws {
    let tromso = options(69.65, 18.96)
    let sunset = try Trigger.every("sunset", tromso)
    let midsummer = try instant("2026-06-01T00:00:00Z")
    let fire = try #require(sunset.next(after: midsummer, anchor: midsummer))
    #expect(
      try fire > (instant("2026-07-20T00:00:00Z")) && fire < (instant("2026-08-01T00:00:00Z")))
    let sunrise = try Trigger.every("sunrise", tromso)
    let winter = try instant("2026-12-01T00:00:00Z")
    let dawn = try #require(sunrise.next(after: winter, anchor: winter))
    #expect(
      try dawn > (instant("2027-01-10T00:00:00Z")) && dawn < (instant("2027-01-20T00:00:00Z")))
  }

  @Test(
    arguments: [
      ("sunset", nil, nil, "needs a place: give lat and lon"),
      ("noon", nil, nil, "for 12:00 write \"day at noon\""),
      ("sunset", 91, 0, "lat 91.0 is out of range -90 to 90"),
      ("sunset", 0, 181, "lon 181.0 is out of range"),
      ("sunset - 2 days", 0, 0, "at most a day"),
      ("sunset 15m", 0, 0, "expected + or - and a duration"),
      ("sunste", 0, 0, "did you mean \"sunset\"?"),
    ] as [(String, Double?, Double?, String)])
  func `an event without a place, or that never happens, is refused`(
    text: String, latitude: Double?, longitude: Double?, message: String
  ) {
    let error = #expect(throws: TriggerError.self) {
      try Trigger.every(text, TriggerOptions(latitude: latitude, longitude: longitude))
    }
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }
}
