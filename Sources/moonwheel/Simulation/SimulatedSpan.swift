import ArgumentParser
import Moonwheel

/// Which time is simulated, and what happens to the host meanwhile.
struct SimulatedSpan: ParsableArguments {
  @Option(help: "Where it starts, as in \"2026-10-24 12:00\"; now if not given (MOONWHEEL_FROM).")
  var from: String?

  @Option(name: .customLong("for"), help: "How long, as in 7d; a day if not given (MOONWHEEL_FOR).")
  var duration: String?

  @Option(help: "What chance is drawn from; 1 if not given (MOONWHEEL_SEED).")
  var seed: String?

  @Option(
    help:
      "Take the host down at a time for a while, as in \"2026-10-25 02:10/1h\"; may be repeated.")
  var outage: [String] = []

  @Option(
    help:
      "Set the wall clock at a time, as in \"2026-10-25 12:00/+30m\" or \"…/-30m\"; may be repeated."
  )
  var clockStep: [String] = []

  /// The same, read.
  struct Reading {
    var zone: Zone
    var start: Timestamp
    /// In seconds.
    var length: Double
    var seed: UInt64
    var outages: [(at: Timestamp, seconds: Double)] = []
    var steps: [(at: Timestamp, seconds: Double)] = []

    func plan(_ simulation: Simulation) throws {
      for outage in outages { try simulation.plan(outageAt: outage.at, for: outage.seconds) }
      for step in steps { try simulation.plan(clockStepAt: step.at, by: step.seconds) }
    }
  }

  func read(_ configuration: Configuration) throws -> Reading {
    let zone =
      try configuration.timeZone.map { try SystemZones.shared.zone(named: $0) }
      ?? SystemZones.shared.systemDefault()
    let now = Timestamp(seconds: SystemClock().read().wall.seconds)
    let start = try Setting("from", from).map { (setting) throws(Failure) in
      try setting.time(in: zone, now: now)
    }
    let length = try Setting("for", duration)?.length() ?? 86_400_000_000_000
    let seed = try Setting("seed", seed)?.integer(in: 0...Int.max) ?? 1
    var reading = Reading(
      zone: zone, start: start ?? now, length: Double(length) / 1e9, seed: UInt64(seed))
    for text in outage {
      let (at, length) = try Self.mishap("outage", text, reading, isSigned: false)
      reading.outages.append((at, length))
    }
    for text in clockStep {
      let (at, length) = try Self.mishap("clock-step", text, reading, isSigned: true)
      reading.steps.append((at, length))
    }
    return reading
  }

  /// `T/D`
  private static func mishap(
    _ flag: String, _ text: String, _ reading: Reading, isSigned: Bool
  ) throws(Failure) -> (at: Timestamp, seconds: Double) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let time = Setting(flag, String(parts[0])) else {
      throw Failure(
        message:
          "moonwheel: --\(flag): must be a time and a duration, as in \"2026-10-25 02:10/1h\", not \"\(text)\"",
        code: 64)
    }
    let sign: Double = isSigned && parts[1].hasPrefix("-") ? -1 : 1
    let hasSign = isSigned && (parts[1].hasPrefix("-") || parts[1].hasPrefix("+"))
    let length = try Setting(flag, String(hasSign ? parts[1].dropFirst() : parts[1]))?.length() ?? 0
    let at = try time.time(in: reading.zone, now: reading.start)
    return (at, sign * Double(length) / 1e9)
  }
}

extension Setting {
  /// An instant, as `at` takes it.
  func time(in zone: Zone, now: Timestamp) throws(Failure) -> Timestamp {
    do {
      return try Timestamp(text, TriggerOptions(zone: zone, now: now), word: name)
    } catch {
      throw Failure(message: "moonwheel: \(error.message)", code: 64)
    }
  }
}
