import Glibc
import TestSupport
import Testing
import Triggers

@Suite struct FuzzTests {
  /// Ten million and more with MOONWHEEL_FUZZ_CASES.
  static var count: Int {
    guard let text = unsafe getenv("MOONWHEEL_FUZZ_CASES") else { return 4000 }
    return unsafe Int(String(cString: text)) ?? 4000
  }

  /// Seconds that parsing and finding a fire may each take: a millisecond, and more in slow builds with checks or
  /// without optimization.
  static var longest: Double {
    #if DEBUG
      0.1
    #else
      0.001
    #endif
  }

  static let seeds = [
    "cron */5 9-17 * * mon-fri", "cron 0 9 * * fri#3", "cron 0 12 LW * *", "cron H/15 ~ L-3 2 friL",
    "cron 0 0 0 29 2 * 2096", "cron @daily", "cron 22-4/2 1,2,3 15W nov-feb sun-sat",
    "cron H(0-29)/10 * * * *", "every 10s", "every 1h30m", "every PT1H30M", "every 2 days",
    "every 5 to 10 minutes", "every day at 10:30:15, 17:30", "every monday at 13:15",
    "every tue and thu at 8:00", "every minute at :17", "every 2 hours at :05",
    "every 17 hours at :05", "every month on the last friday at 17:00",
    "every 7 months on the 31st",
    "every 3 weeks on mon and fri at 9:00", "every year on february 29 at noon",
    "every 90 minutes at :10", "every 1000000 days at 5pm", "every sunset - 15m",
    "every nautical dawn + 1h", "at 2026-12-24 18:00", "at 2026-03-29T02:30:00.5+01:00",
    "at 18:00", "at tomorrow 09:00", "at friday 17:00", "at 1767225600.5", "after 10m",
  ]
  static let words = [
    "*", "/", "-", ",", "L", "W", "#", "?", "H", "~", "(", ")", "0", "7", "31", "60", "2262",
    "99999999999999999999", " ", "  ", "\t", "every", "cron", "at", "on", "the", "last", "monday",
    "week", "months", "day", ":30", "23:59", "am", "T", "Z", "+", "P", ".", "1e9", "é", "\u{0}",
    "日",
    "mun", "febuary", "and", "to", "of", "1st", "sunset", "@", "every day at ",
  ]

  static func text(_ random: inout SplitMix64) -> String {
    var text = random.pick(seeds)
    for _ in 0..<random.pick([0, 1, 1, 2, 3, 8]) {
      var characters = Array(text.unicodeScalars)
      let place = random.next(in: 0...max(0, characters.count - 1))
      switch random.next(in: 0...4) {
      case 0 where !characters.isEmpty: characters.remove(at: place)
      case 1: characters.insert(contentsOf: random.pick(words).unicodeScalars, at: place)
      case 2 where !characters.isEmpty:
        characters[place] = Unicode.Scalar(UInt8(random.next(in: 32...126)))
      case 3:
        let other = Array(random.pick(seeds).unicodeScalars)
        characters = Array(characters[..<place]) + other[random.next(in: 0...other.count - 1)...]
      default: characters.insert(Unicode.Scalar(UInt8(random.next(in: 48...57))), at: place)
      }
      text = String(String.UnicodeScalarView(characters))
    }
    return random.chance(1) ? String(repeating: text, count: random.next(in: 1...200)) : text
  }

  @Test func `no text traps or takes long, and each error has a place and a reason`() throws {
    let seed = UInt64.random(in: 0...999_999)
    print("seed of the fuzz: \(seed)")
    var random = SplitMix64(seed: seed)
    let zones = try CronModelTests.zoneNames.map(Zones.zone)
    var worst = (time: 0.0, text: "", what: "")
    var accepted = 0
    for _ in 0..<Self.count {
      let text = Self.text(&random)
      let from = Timestamp(
        nanoseconds: random.chance(5)
          ? random.pick([.min, .max, 0, -1]) : Int64.random(in: .min ... .max, using: &random))
      let options = TriggerOptions(
        zone: random.pick(zones), gap: random.pick([nil, .after, .shift, .skip]),
        fold: random.pick([nil, .first, .last, .both]), hashKey: "k", seed: random.next(),
        now: from,
        latitude: random.pick([52.5, -90, 90, 0, 66]), longitude: random.pick([13.4, 180, -180]))
      let parsed = Self.timed { Result { try Trigger.parse(spec: text, options) } }
      if parsed.time > worst.time { worst = (parsed.time, text, "parse") }
      let trigger: Trigger
      switch parsed.value {
      case .success(let made): trigger = made
      case .failure(let error):
        let error = try #require(error as? TriggerError)
        #expect(!error.message.isEmpty && error.message.utf8.count < 1000, "\(text)")
        if let column = error.column {
          #expect(column >= 1 && column <= text.unicodeScalars.count + 1, "\(text): \(error)")
        }
        continue
      }
      accepted += 1
      let found = Self.timed { trigger.next(after: from, anchor: from) }
      if found.time > worst.time { worst = (found.time, text, "next") }
      if let fire = found.value {
        #expect(fire > from, "\(text) after \(from.nanoseconds), seed \(seed)")
        // A fire is also the next fire after the nanosecond before it, if the anchor does not matter.
        if !trigger.isElapsed && !text.contains(where: \.isNumber) {
          #expect(trigger.next(after: fire.advanced(by: -1), anchor: from) == fire, "\(text)")
        }
      }
      #expect(!trigger.text.isEmpty && !trigger.words.isEmpty)
    }
    #expect(worst.time < Self.longest, "\(worst.what) of \(worst.text), seed \(seed)")
    print(
      "fuzz: \(accepted) of \(Self.count) accepted; worst \(worst.time) s, \(worst.what) of \(worst.text.prefix(200))"
    )
  }

  /// The result of some work and its processor time: the least of five runs, since other work interrupts, or of many
  /// runs if that seems too long.
  private static func timed<T>(_ work: () -> T) -> (value: T, time: Double) {
    var start = processorTime
    var value = work()
    var least = processorTime - start
    var tries = 0
    while least > 0.0002 && tries < (least > longest / 2 ? 100 : 4) {
      start = processorTime
      value = work()
      least = min(least, processorTime - start)
      tries += 1
    }
    return (value, least)
  }

  /// Seconds that this thread has used.
  static var processorTime: Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
