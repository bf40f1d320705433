import Testing
import Triggers

@Suite struct AtTests {
  /// Thursday, a quarter past noon in Berlin.
  private func options() throws -> TriggerOptions {
    TriggerOptions(
      zone: try Zones.zone("Europe/Berlin"), now: try instant("2026-01-01T12:15:00+01:00"))
  }

  @Test(
    arguments: [
      ("2026-12-24 18:00", "2026-12-24T18:00:00+01:00"),
      ("2026-12-24T18:00", "2026-12-24T18:00:00+01:00"),
      ("2026-07-24 18:00:30", "2026-07-24T18:00:30+02:00"),
      ("2026-12-24", "2026-12-24T00:00:00+01:00"),
      ("2026-12-24T18:00:00Z", "2026-12-24T19:00:00+01:00"),
      ("2026-12-24 18:00 UTC", "2026-12-24T19:00:00+01:00"),
      ("2026-12-24T18:00:00.25-05:00", "2026-12-25T00:00:00.250+01:00"),
      ("2026-12-24T18:00:00,25-05:00", "2026-12-25T00:00:00.250+01:00"),
      ("2026-12-24 18:00 +0530", "2026-12-24T13:30:00+01:00"),
      ("2026-12-24 18:00 +11", "2026-12-24T08:00:00+01:00"),
      ("20261224T180000Z", "2026-12-24T19:00:00+01:00"),
      ("2026-12-24 18:00 Europe/Berlin", "2026-12-24T18:00:00+01:00"),
      ("2026-12-24 24:00", "2026-12-25T00:00:00+01:00"),
      ("2026-12-24 at 6pm", "2026-12-24T18:00:00+01:00"),
      ("1767225600", "2026-01-01T01:00:00+01:00"),
      ("1767225600.5", "2026-01-01T01:00:00.500+01:00"), ("-86400", "1969-12-31T01:00:00+01:00"),
      ("18:00", "2026-01-01T18:00:00+01:00"), ("12:15", "2026-01-02T12:15:00+01:00"),
      ("09:00", "2026-01-02T09:00:00+01:00"),
      ("noon", "2026-01-02T12:00:00+01:00"), ("midnight", "2026-01-02T00:00:00+01:00"),
      ("5:30 pm", "2026-01-01T17:30:00+01:00"),
      ("today 18:00", "2026-01-01T18:00:00+01:00"), ("today 09:00", "2026-01-01T09:00:00+01:00"),
      ("tomorrow 09:00", "2026-01-02T09:00:00+01:00"),
      ("tomorrow at noon", "2026-01-02T12:00:00+01:00"),
      ("Tomorrow", "2026-01-02T00:00:00+01:00"), ("friday 17:00", "2026-01-02T17:00:00+01:00"),
      ("thursday 17:00", "2026-01-01T17:00:00+01:00"), ("thu 12:15", "2026-01-08T12:15:00+01:00"),
    ])
  func `a point in time is read`(text: String, expected: String) throws {
    let options = try options()
    let trigger = try Trigger.at(text, options)
    let found = try #require(trigger.instants)
    #expect(found.at.map { $0.iso(in: options.zone) } == [expected])
    let isRelative = text.first?.isLetter == true || text.contains(":") && !text.contains("-")
    #expect(found.isRelative == isRelative)
    #expect(trigger.next(after: found.at[0], anchor: options.now) == nil)
    #expect(trigger.next(after: found.at[0].advanced(by: -1), anchor: options.now) == found.at[0])
  }

  @Test(
    arguments: [
      ("2026-02-30", 1, "February 2026 has no day 30"),
      ("2026-13-01", 1, "month 13 is out of range 1-12"),
      ("2026-12-24 25:00", 12, "hour 25"), ("2026-12-24 18", 12, "write for example"),
      ("25:00", 1, "hour 25"), ("18:0", 4, "two digits"),
      ("tommorow 9:00", 1, "did you mean \"tomorrow\"?"), ("fryday 9:00", 1, "did you mean"),
      ("2026-12-24 18:00 Asia/Tokyo", 18, "tz = \"Asia/Tokyo\""),
      ("2026-12-24T18:00+25:00", 17, "out of range -24:00"),
      ("3000-01-01", 1, "outside of the years 1678 to 2261"), ("", 1, "ends too early"),
      ("99999999999999999999", 1, "outside of the years"), ("2026-12-24T", 12, "ends too early"),
      ("5", 1, "unexpected \"5\""), ("18:00 x", 7, "unexpected"),
      ("1767300000250", 1, "write seconds: 1767300000.250"), ("in 5 minutes", 1, "write after("),
      ("now", 1, "now = true"), ("next friday", 1, "write for example \"friday 17:00\""),
    ])
  func `a text that is no point in time is refused`(text: String, column: Int, message: String)
    throws
  {
    let options = try options()
    let error = #expect(throws: TriggerError.self) { try Trigger.at(text, options) }
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    #expect(error?.column == column, "\(String(describing: error))")
  }

  @Test func `a time in a gap or a fold has a warning, and is refused if gaps are skipped`() throws
  {
    var options = try options()
    #expect(
      try Trigger.at("2026-03-29 02:30", options).warnings == [
        "02:30 does not exist on 2026-03-29 in Europe/Berlin and fires at 03:00"
      ])
    #expect(
      try Trigger.at("2026-10-25 02:30", options).warnings == [
        "02:30 comes twice on 2026-10-25 in Europe/Berlin and fires the first time only"
      ])
    options.gap = .shift
    options.fold = .last
    #expect(try Trigger.at("2026-03-29 02:30", options).warnings[0].hasSuffix("fires at 03:30"))
    #expect(
      try Trigger.at("2026-10-25 02:30", options).warnings[0].hasSuffix("the second time only"))
    let apia = TriggerOptions(
      zone: try Zones.zone("Pacific/Apia"), now: try instant("2011-12-01T00:00:00Z"))
    #expect(
      try Trigger.at("2011-12-30 09:00", apia).warnings == [
        "09:00 does not exist on 2011-12-30 in Pacific/Apia and fires at 00:00 on 2011-12-31"
      ])
    #expect(try Trigger.at("2026-10-25 03:30", options).warnings.isEmpty)
    options.fold = .both
    #expect(try Trigger.at("2026-10-25 02:30", options).instants?.at.count == 2)
    options.gap = .skip
    let error = #expect(throws: TriggerError.self) { try Trigger.at("2026-03-29 02:30", options) }
    #expect(error?.code == .neverFires)
  }

  @Test func `numbers are seconds since the epoch`() throws {
    #expect(
      try Trigger.at(epochSeconds: 1_767_225_600).instants?.at == [
        Timestamp(seconds: 1_767_225_600)
      ])
    #expect(
      try Trigger.at(epochSeconds: 0.25).instants?.at == [Timestamp(nanoseconds: 250_000_000)])
    #expect(try Trigger.at(epochSeconds: 1_767_225_600).text == "at 1767225600")
    for number in [Double.nan, .infinity, 1e10, -1e300] {
      #expect(throws: TriggerError.self) { try Trigger.at(epochSeconds: number) }
    }
  }

  @Test func `after counts from the anchor`() throws {
    let trigger = try Trigger.after("10m")
    let anchor = Timestamp(seconds: 100)
    #expect(trigger.next(after: anchor, anchor: anchor) == Timestamp(seconds: 700))
    #expect(trigger.next(after: Timestamp(seconds: 700), anchor: anchor) == nil)
  }

  @Test func `jitter is a function of seed, name and instant`() {
    func delay(_ seed: UInt64, _ name: String, _ second: Int64) -> Int64 {
      Jitter.delay(upTo: 20_000_000_000, seed: seed, name: name, at: Timestamp(seconds: second))
    }
    #expect(delay(1, "a", 5) == delay(1, "a", 5))
    let drawn = Set(
      (0..<100).flatMap { [delay(1, "a", $0), delay(2, "a", $0), delay(1, "b", $0)] })
    #expect(drawn.count == 300 && drawn.allSatisfy { (0...20_000_000_000).contains($0) })
    #expect((drawn.max() ?? 0) > 19_000_000_000 && (drawn.min() ?? .max) < 1_000_000_000)
    #expect(Jitter.delay(upTo: 0, seed: 1, name: "a", at: Timestamp(seconds: 5)) == 0)
    #expect(Jitter.delay(upTo: .max, seed: 1, name: "a", at: .distantFuture) >= 0)
  }
}
