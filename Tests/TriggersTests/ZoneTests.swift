import TestSupport
import Testing

@testable import Triggers

@Suite struct ZoneTests {
  /// Seconds east of UTC, from another reader of the same database: zones with unusual rules, before 1900, around
  /// changes, and after the end of the tables.
  static let offsets = """
    Australia/Lord_Howe 1970-01-01T00:00:00Z 36000
    Australia/Lord_Howe 1981-03-01T12:00:00Z 37800
    Australia/Lord_Howe 1985-10-26T16:00:00Z 39600
    Australia/Lord_Howe 2026-04-04T14:59:59Z 39600
    Australia/Lord_Howe 2026-04-04T15:00:00Z 37800
    Australia/Lord_Howe 2026-10-03T15:29:59Z 37800
    Australia/Lord_Howe 2026-10-03T15:30:00Z 39600
    Australia/Lord_Howe 2050-01-01T00:00:00Z 39600
    Australia/Lord_Howe 2200-07-01T00:00:00Z 37800
    America/St_Johns 1884-01-01T00:00:00Z -12652
    America/St_Johns 1935-03-30T03:30:51Z -12652
    America/St_Johns 1935-03-30T03:30:52Z -12600
    America/St_Johns 1988-07-01T00:00:00Z -5400
    America/St_Johns 2006-10-29T02:31:00Z -12600
    America/St_Johns 2026-07-01T00:00:00Z -9000
    America/St_Johns 2100-12-31T00:00:00Z -12600
    Pacific/Apia 1892-07-05T11:26:55Z -41216
    Pacific/Apia 1892-07-05T11:26:56Z -41216
    Pacific/Apia 2011-12-30T09:59:59Z -36000
    Pacific/Apia 2011-12-30T10:00:00Z 50400
    Pacific/Apia 2015-01-01T00:00:00Z 50400
    Pacific/Apia 2022-01-01T00:00:00Z 46800
    Africa/Casablanca 1913-10-25T00:00:00Z -1820
    Africa/Casablanca 2018-06-01T00:00:00Z 0
    Africa/Casablanca 2026-02-20T00:00:00Z 0
    Africa/Casablanca 2026-04-01T00:00:00Z 3600
    Europe/Dublin 1916-05-21T02:25:21Z 2079
    Europe/Dublin 1916-10-01T02:25:20Z 2079
    Europe/Dublin 1968-10-27T00:00:00Z 3600
    Europe/Dublin 1970-07-01T00:00:00Z 3600
    Europe/Dublin 1971-10-31T01:59:59Z 3600
    Europe/Dublin 1971-10-31T02:00:00Z 0
    Europe/Dublin 2026-01-01T00:00:00Z 0
    Europe/Dublin 2026-03-29T01:00:00Z 3600
    Europe/Dublin 2080-12-01T00:00:00Z 0
    Antarctica/Troll 2000-01-01T00:00:00Z 0
    Antarctica/Troll 2005-02-11T23:59:59Z 0
    Antarctica/Troll 2005-02-12T00:00:00Z 0
    Antarctica/Troll 2026-03-29T00:59:59Z 0
    Antarctica/Troll 2026-03-29T01:00:00Z 7200
    Antarctica/Troll 2026-10-25T00:59:59Z 7200
    Antarctica/Troll 2026-10-25T01:00:00Z 0
    Antarctica/Troll 2099-07-01T00:00:00Z 7200
    Asia/Kathmandu 1919-12-31T18:18:43Z 20476
    Asia/Kathmandu 1919-12-31T18:18:44Z 19800
    Asia/Kathmandu 1985-12-31T18:29:59Z 19800
    Asia/Kathmandu 1985-12-31T18:30:00Z 20700
    Asia/Kathmandu 2026-01-01T00:00:00Z 20700
    Europe/Berlin 1893-03-31T23:06:31Z 3208
    Europe/Berlin 1893-03-31T23:06:32Z 3600
    Europe/Berlin 1945-05-24T00:00:00Z 10800
    Europe/Berlin 1945-07-01T00:00:00Z 10800
    Europe/Berlin 1979-07-01T00:00:00Z 3600
    Europe/Berlin 2037-10-25T00:59:59Z 7200
    Europe/Berlin 2037-10-25T01:00:00Z 3600
    Europe/Berlin 2038-03-28T00:59:59Z 3600
    Europe/Berlin 2038-03-28T01:00:00Z 7200
    Europe/Berlin 2261-07-01T00:00:00Z 7200
    America/New_York 1883-11-18T16:59:59Z -17762
    America/New_York 1883-11-18T17:00:00Z -18000
    America/New_York 1942-07-01T00:00:00Z -14400
    America/New_York 1974-02-01T00:00:00Z -14400
    America/New_York 2026-03-08T06:59:59Z -18000
    America/New_York 2026-03-08T07:00:00Z -14400
    America/New_York 2040-11-04T05:59:59Z -14400
    America/New_York 2040-11-04T06:00:00Z -18000
    America/Juneau 1867-10-18T15:33:31Z 54139
    America/Juneau 1867-10-18T15:33:32Z 54139
    Asia/Manila 1844-12-31T15:55:59Z -57368
    Asia/Manila 1844-12-31T15:56:08Z 29032
    Asia/Manila 1850-01-01T00:00:00Z 29032
    America/Nuuk 2023-10-29T01:00:00Z -7200
    America/Nuuk 2024-03-31T01:00:00Z -3600
    Asia/Gaza 2026-03-28T00:00:00Z 10800
    Africa/Cairo 2026-04-23T21:59:59Z 7200
    Africa/Cairo 2026-04-23T22:00:00Z 10800
    Africa/Cairo 2026-10-29T21:00:00Z 7200
    """

  @Test(arguments: offsets.split(separator: "\n").map(String.init))
  func `the offset is that of the tz database`(row: String) throws {
    let parts = row.split(separator: " ").map(String.init)
    let zone = try Zones.zone(parts[0])
    let at = try instant(parts[1])
    #expect(zone.offset(at: at) == Int(parts[2]))
  }

  @Test func `transitions are in order, and their offsets are those before and after`() throws {
    for name in CronModelTests.zoneNames {
      let zone = try Zones.zone(name)
      var last = Timestamp.distantPast
      var count = 0
      while let change = zone.nextTransition(after: last) {
        #expect(change.at > last)
        #expect(zone.offset(at: change.at) == change.offsetAfter)
        #expect(zone.offset(at: change.at.advanced(by: -1)) == change.offsetBefore)
        #expect(change.shift != 0)
        last = change.at
        count += 1
      }
      #expect(name == "UTC" ? count == 0 : count > 0)
    }
  }

  @Test func `a local time exists once, never or twice`() throws {
    let zone = try Zones.zone("Europe/Berlin")
    #expect(
      zone.instants(of: LocalTime(year: 2026, month: 7, day: 1, hour: 12))
        == .one(try instant("2026-07-01T10:00:00Z")))
    guard
      case .gap(let change) = zone.instants(
        of: LocalTime(year: 2026, month: 3, day: 29, hour: 2, minute: 30))
    else {
      Issue.record("02:30 exists")
      return
    }
    #expect(change.at == (try instant("2026-03-29T01:00:00Z")))
    #expect(change.localBefore.description == "2026-03-29T02:00:00")
    #expect(change.localAfter.description == "2026-03-29T03:00:00")
    #expect(
      zone.instants(of: LocalTime(year: 2026, month: 10, day: 25, hour: 2, minute: 30))
        == .fold(
          first: try instant("2026-10-25T00:30:00Z"), last: try instant("2026-10-25T01:30:00Z")))
    let apia = try Zones.zone("Pacific/Apia")
    guard case .gap(let day) = apia.instants(of: LocalTime(year: 2011, month: 12, day: 30, hour: 9))
    else {
      Issue.record("the day exists")
      return
    }
    #expect(day.shift == 86400)
  }

  @Test(arguments: ["Europe/Berlin", "Africa/Casablanca", "America/Scoresbysund"])
  func `a zone file is refused wherever it is cut or damaged`(name: String) throws {
    let bytes = try Zones.bytes(name)
    for length in 0..<bytes.count {
      #expect(throws: TriggerError.self) {
        try Zone(name: name, tzif: Array(bytes[..<length]))
      }
    }
    var random = SplitMix64(seed: 7)
    for _ in 0..<3000 {
      var bent = bytes
      for _ in 0..<random.next(in: 1...4) {
        bent[random.next(in: 0...min(bytes.count - 1, 120 + random.next(in: 0...bytes.count)))] =
          UInt8(
            random.next(in: 0...255))
      }
      do {
        let zone = try Zone(name: name, tzif: bent)
        _ = zone.offset(
          at: Timestamp(seconds: Int64(random.next(in: -9_000_000_000...9_000_000_000))))
      } catch {
        #expect(error.code == .zone)
      }
    }
  }

  @Test(
    arguments: [
      ("UTC0", 2026, 0), ("<+0530>-5:30", 2026, 0), ("CET-1CEST,M3.5.0,M10.5.0/3", 2026, 2),
      ("IST-1GMT0,M10.5.0,M3.5.0/1", 2026, 2), ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2026, 2),
      ("EST5EDT,0/0,J365/25", 2026, 0), ("AAA3BBB,J60,300/-167:59:59", 2026, 2),
    ])
  func `a footer's rule gives the changes of a year`(rule: String, year: Int, count: Int) throws {
    let parsed = try #require(PosixRule(Array(rule.utf8)))
    let zone = Zone(
      name: "test", initial: parsed.standard,
      changes: parsed.changes(after: LocalTime(year: 2000, month: 1, day: 1).secondsSince1970))
    var last = Timestamp(
      seconds: LocalTime(year: year, month: 1, day: 1, hour: 12).secondsSince1970)
    let end = LocalTime(year: year + 1, month: 1, day: 1, hour: 12).secondsSince1970
    var changes = 0
    while let change = zone.nextTransition(after: last), change.at.seconds < end {
      changes += 1
      last = change.at
    }
    #expect(changes == count)
  }

  @Test(
    arguments: [
      ("EST5EDT,J60,J305", 2028, ["2028-03-01T07:00:00+00:00", "2028-11-01T06:00:00+00:00"]),
      ("EST5EDT,J59,J305", 2027, ["2027-02-28T07:00:00+00:00", "2027-11-01T06:00:00+00:00"]),
      ("EST5EDT,59,304/1", 2028, ["2028-02-29T07:00:00+00:00", "2028-10-31T05:00:00+00:00"]),
      (
        "IST-1GMT0,M10.5.0,M3.5.0/1", 2026,
        ["2026-03-29T01:00:00+00:00", "2026-10-25T01:00:00+00:00"]
      ),
      (
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2026,
        ["2026-03-29T01:00:00+00:00", "2026-10-25T01:00:00+00:00"]
      ),
    ])
  func `a footer changes on the days that it names`(rule: String, year: Int, expected: [String])
    throws
  {
    let parsed = try #require(PosixRule(Array(rule.utf8)))
    let start = LocalTime(year: year, month: 1, day: 1).secondsSince1970
    let changes = parsed.changes(after: start).prefix(2)
    #expect(changes.map { Timestamp(seconds: $0.at).iso(in: .utc) } == expected)
  }

  @Test(
    arguments: [
      "", "UT", "UTC", "UTC0x", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
      "CET-1CEST,M3.6.0,M10.5.0",
      "CET-1CEST,J0,J1", "CET-1CEST,M3.5.0,M10.5.0/168", "<CET-1", "CET-99",
    ])
  func `a text that is no rule is refused`(rule: String) {
    #expect(PosixRule(Array(rule.utf8)) == nil)
  }

  @Test func `a rule is enough for a zone`() throws {
    let zone = try #require(Zone(posixRule: "CET-1CEST,M3.5.0,M10.5.0/3"))
    let berlin = try Zones.zone("Europe/Berlin")
    for second in stride(from: Int64(1_000_000_000), to: 9_000_000_000, by: 7_654_321) {
      let at = Timestamp(seconds: second)
      #expect(zone.offset(at: at) == berlin.offset(at: at))
    }
    #expect(Zone(posixRule: "JST-9")?.offset(at: Timestamp(seconds: 0)) == 32400)
    #expect(Zone(posixRule: "Europe/Berlin") == nil)
  }
}
