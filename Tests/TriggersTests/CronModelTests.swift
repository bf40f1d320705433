import Glibc
import TestSupport
import Testing
import Triggers

@Suite struct CronModelTests {
  static let zoneNames = [
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns",
    "Pacific/Apia", "Africa/Casablanca", "Europe/Dublin", "Antarctica/Troll", "Asia/Kathmandu",
    "America/Sao_Paulo", "Asia/Tehran", "Africa/Cairo", "Asia/Gaza", "America/Scoresbysund",
    "Atlantic/Azores", "Asia/Pyongyang", "Pacific/Kwajalein", "Asia/Manila", "America/Juneau",
  ]

  /// Instants at and around changes of the clocks, from before 1900 to after 2200, and others.
  static func start(in zone: Zone, _ random: inout SplitMix64) -> Int {
    let anywhere = random.next(in: -4_000_000_000...7_500_000_000)
    guard random.chance(85),
      let change = zone.nextTransition(after: Timestamp(seconds: Int64(anywhere)))
    else { return anywhere }
    return Int(change.at.seconds) + random.pick([0, -1, 1, -1800, 1800, 0])
      + (random.chance(70) ? random.next(in: -9000...9000) : random.next(in: -90000...90000))
  }

  /// 100,000 and more with MOONWHEEL_MODEL_CASES.
  static var count: Int {
    guard let text = unsafe getenv("MOONWHEEL_MODEL_CASES") else { return 200 }
    return unsafe Int(String(cString: text)) ?? 200
  }

  @Test func `the next fire agrees with a scan of every second`() throws {
    let seed = UInt64.random(in: 0...999_999)
    print("seed of the cron model: \(seed)")
    var generator = CronGenerator(random: SplitMix64(seed: seed))
    let zones = try Self.zoneNames.map(Zones.zone)
    var fired = 0
    for _ in 0..<Self.count {
      let model = generator.expression()
      let zone = generator.random.pick(zones)
      let start = Self.start(in: zone, &generator.random)
      let gap = generator.random.pick([nil, nil, Gap.after, .shift, .skip])
      let fold = generator.random.pick([nil, nil, Fold.first, .last, .both])
      let options = TriggerOptions(zone: zone, gap: gap, fold: fold)
      let trigger: Trigger
      do {
        trigger = try Trigger.cron(model.text, options)
      } catch {
        #expect(error.code == .neverFires, "\(error)")
        continue
      }
      let from = Timestamp(seconds: Int64(start))
      let found = trigger.next(after: from, anchor: from).map { Int($0.seconds) }
      let span = 30 * 3600
      let expected = model.next(
        after: start, span: span, in: zone, gap ?? (model.isWildcard ? .skip : .after),
        fold ?? (model.isWildcard ? .both : .first))
      if expected != nil { fired += 1 }
      let seen = found.flatMap { $0 <= start + span ? $0 : nil }
      #expect(
        seen == expected,
        "cron \(model) in \(zone.name) after \(from.iso(in: zone)), gap \(String(describing: gap)), fold \(String(describing: fold)), seed \(seed)"
      )
      if seen != expected { return }
    }
    print("cron model: \(fired) of \(Self.count) cases fired within the scan")
  }
}
