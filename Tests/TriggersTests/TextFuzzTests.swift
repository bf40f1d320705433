import TestSupport
import Testing
import Triggers

/// The texts that have parsers of their own: durations, dates, the ends of a span, points in time, rules of zones.
@Suite struct TextFuzzTests {
  private static let seeds = [
    "10s", "1h30m", "2 days and 3 hours", "PT1H30M", "P2W", "1.000000000001h", "106751d",
    "9223372036854775807ns", "a week",
    "2026-12-25", "2026-12-24..2026-12-26", "12-25", "02-29", "1678-01-01 to 2261-12-31", "09:00",
    "23:59:59.999999999",
    "noon", "5:30pm", "2026-12-24 18:00", "2261-12-31T23:59:59.999999999-24:00",
    "1678-01-01T00:00+24:00", "tomorrow 09:00",
    "friday, at 24:00", "-9223372036.5", "9223372036.999999999", "20261224T180000Z",
  ]

  private static func text(_ random: inout SplitMix64) -> String {
    var text = random.pick(seeds)
    for _ in 0..<random.pick([0, 1, 1, 2, 3]) {
      var characters = Array(text.unicodeScalars)
      let place = random.next(in: 0...characters.count)
      switch random.next(in: 0...3) {
      case 0: characters.insert(contentsOf: random.pick(FuzzTests.words).unicodeScalars, at: place)
      case 1: characters.insert(Unicode.Scalar(UInt8(random.next(in: 0...127))), at: place)
      case 2: characters = Array(characters[..<place]) + Array(random.pick(seeds).unicodeScalars)
      default: if place < characters.count { characters.remove(at: place) }
      }
      text = String(String.UnicodeScalarView(characters))
    }
    return text
  }

  /// Found by fuzzing: all days that the text could mean are after the last instant.
  @Test(arguments: ["18:00", "friday 09:00", "tomorrow 02:30"])
  func `a time of day after the last instant is an error`(text: String) throws {
    let options = TriggerOptions(
      zone: try Zones.zone("Europe/Berlin"), now: Timestamp(nanoseconds: .max))
    let point = Result { try Timestamp(text, options) }
    if case .success(let instant) = point { #expect(instant.nanoseconds == .max) }
  }

  /// Found by fuzzing.
  @Test func `a duration with the most digits is refused and does not trap`() {
    #expect(throws: TriggerError.self) {
      try DurationText.parse("999999999999999999.999999999999w")
    }
  }

  /// Found by fuzzing the API: a store that was written by a later clock needs the phase.
  @Test func `a phase longer than the range of instants counts as none`() throws {
    let trigger = try Trigger.every("300000 days at 10:00", TriggerOptions())
    let (anchor, now) = (Timestamp(nanoseconds: 2_000_000_000), Timestamp(nanoseconds: 1))
    #expect(trigger.anchor(anchor, notAfter: now) == now)
  }

  @Test func `no text traps any of the parsers`() throws {
    let seed = UInt64.random(in: 0...999_999)
    print("seed of the fuzz of texts: \(seed)")
    var random = SplitMix64(seed: seed)
    let zones = try CronModelTests.zoneNames.map(Zones.zone)
    for _ in 0..<FuzzTests.count {
      let (text, other) = (Self.text(&random), Self.text(&random))
      let now = Timestamp(
        nanoseconds: random.chance(20)
          ? random.pick([.min, .max, 0]) : Int64.random(in: .min ... .max, using: &random))
      let options = TriggerOptions(
        zone: random.pick(zones), gap: random.pick([nil, .after, .shift, .skip]),
        fold: random.pick([nil, .first, .last, .both]), hashKey: "k", seed: random.next(), now: now)
      if case .success(let length) = (Result { try DurationText.parse(text) }) {
        #expect(length >= DurationText.shortest && !DurationText.format(length).isEmpty)
        _ = now.advanced(by: length).advanced(by: length)
      }
      _ = Result { try Timestamp(text, options) }
      let spans = [
        Result { try Trigger.between(text, other, options) },
        Result { try Trigger.dates([text, other], options) },
        Result { try Trigger.at(text, options) },
      ]
      let triggers = spans.compactMap { made in
        if case .success(let trigger) = made { trigger } else { nil }
      }
      for a in triggers {
        #expect(!a.words.isEmpty)
        let fires = a.next(random.next(in: 1...20), after: now, anchor: now)
        #expect(
          zip(fires, fires.dropFirst()).allSatisfy { $0 < $1 }, "\(text), \(other), seed \(seed)")
        for b in triggers {
          for made in [Result { try a | b }, Result { try a & b }, Result { try a - b }] {
            guard case .success(let both) = made else { continue }
            if let fire = both.next(after: now, anchor: now) { #expect(fire > now) }
          }
        }
      }
      _ = Result { try DurationText.nanoseconds(seconds: Double(bitPattern: random.next())) }
      _ = Result { try Trigger.at(epochSeconds: Double(bitPattern: random.next())) }
    }
  }

  @Test func `many fires share one budget`() throws {
    let options = TriggerOptions(zone: .utc, now: Timestamp(seconds: 0))
    let start = Timestamp(seconds: 1_767_225_600)
    #expect(
      try Trigger.cron("0 9 * * *", options).next(1_000, after: start, anchor: start).count == 1_000
    )
    let hard = try Trigger.every("1s", options) - Trigger.cron("* * 0-22 * * *", options)
    #expect(hard.next(after: start, anchor: start) == nil)
    #expect(hard.next(1_000, after: start, anchor: start).isEmpty)
    let some = try Trigger.every("1s", options) & Trigger.cron("0 * * * *", options)
    let fires = some.next(1_000, after: start, anchor: start)
    #expect(fires.first == Timestamp(seconds: start.seconds + 3_600))
  }
}
