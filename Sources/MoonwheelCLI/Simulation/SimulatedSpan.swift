import ArgumentParser
import Moonwheel
import MoonwheelSimulation
import ScriptHost
import SystemZones
import Triggers

/// The flags for the simulated time, and for faults of the host in it.
struct SimulatedSpan: ParsableArguments {
  @Option(help: "Where it starts, as in \"2026-10-24 12:00\"; now if not given (MOONWHEEL_FROM).")
  var from: String?

  @Option(name: .customLong("for"), help: "How long, as in 7d; a day if not given (MOONWHEEL_FOR).")
  var duration: String?

  @Option(help: "The seed of all random numbers; 1 if not given (MOONWHEEL_SEED).")
  var seed: String?

  @Option(
    help:
      "Take the host down at a time for a while, as in \"2026-10-25 02:10/1h\"; may be repeated (MOONWHEEL_OUTAGE, with commas)."
  )
  var outage: [String] = []

  @Option(
    help:
      "Set the wall clock at a time, as in \"2026-10-25 12:00/+30m\" or \"…/-30m\"; may be repeated (MOONWHEEL_CLOCK_STEP, with commas)."
  )
  var clockStep: [String] = []

  /// The flags after parsing.
  struct Reading {
    var zone: Zone
    var start: Timestamp
    /// In nanoseconds.
    var length: Int64
    var seed: UInt64
    var outages: [Fault] = []
    var steps: [Fault] = []

    var end: Timestamp { start.advanced(by: length) }
    var seconds: Double { Double(length) / 1e9 }

    func plan(_ simulation: Simulation) throws {
      for outage in outages { try simulation.plan(outageAt: outage.at, for: outage.seconds) }
      for step in steps { try simulation.plan(clockStepAt: step.at, by: step.seconds) }
    }
  }

  /// An outage, or a step of the clock, at a wall time.
  struct Fault {
    let setting: Setting
    let at: Timestamp
    /// The length of the outage, or the step, which may be negative.
    let seconds: Double
  }

  func read(_ configuration: Configuration) throws -> Reading {
    let zone = try SystemZones.shared.zone(orDefault: configuration.timeZone)
    let now = Timestamp(seconds: SystemClock().read().wall.seconds)
    let start = try Setting("from", from).map { (setting) throws(Failure) in
      try setting.time(in: zone, now: now)
    }
    let length = try Setting("for", duration)?.length() ?? 86_400_000_000_000
    let seed = try Setting("seed", seed)?.integer(in: 0...Int.max) ?? 1
    var reading = Reading(zone: zone, start: start ?? now, length: length, seed: UInt64(seed))
    try checkEnd(of: reading)
    reading.outages = try Setting.all("outage", outage).map {
      try $0.fault("2026-10-25 02:10/1h", reading, isSigned: false)
    }
    reading.steps = try Setting.all("clock-step", clockStep).map {
      try $0.fault("2026-10-25 12:00/+30m", reading, isSigned: true)
    }
    try checkFaults(of: reading)
    return reading
  }

  private func checkEnd(of reading: Reading) throws(Failure) {
    guard reading.end == .distantFuture, let setting = Setting("for", duration) else { return }
    throw setting.wrong(
      "\"\(setting.text)\" from \(reading.start.iso(in: reading.zone)) ends after the year 2261, the last that Moonwheel knows; give a shorter time"
    )
  }

  /// Refuses a fault outside the simulated time, which is most likely a mistake.
  private func checkFaults(of reading: Reading) throws(Failure) {
    let forward = reading.steps.reduce(Int64(0)) { $0 + Int64(max(0, $1.seconds) * 1e9) }
    let end = reading.end.advanced(by: forward)
    for fault in reading.outages + reading.steps
    where fault.at < reading.start || fault.at > end {
      throw fault.setting.wrong(
        "\(fault.at.iso(in: reading.zone)) is not in the simulated time, which goes from \(reading.start.iso(in: reading.zone)) to \(reading.end.iso(in: reading.zone))"
      )
    }
  }
}

extension Setting {
  /// Reads `TIME/DURATION`.
  fileprivate func fault(
    _ example: String, _ reading: SimulatedSpan.Reading, isSigned: Bool
  ) throws(Failure) -> SimulatedSpan.Fault {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].allSatisfy(\.isWhitespace) else {
      throw wrong("must be a time and a duration, as in \"\(example)\", not \"\(text)\"")
    }
    let sign: Double = isSigned && parts[1].hasPrefix("-") ? -1 : 1
    let hasSign = isSigned && (parts[1].hasPrefix("-") || parts[1].hasPrefix("+"))
    let length = try part(hasSign ? parts[1].dropFirst() : parts[1]).length()
    let at = try part(parts[0]).time(in: reading.zone, now: reading.start)
    return SimulatedSpan.Fault(setting: self, at: at, seconds: sign * Double(length) / 1e9)
  }

  /// Reads an instant in the words of `at`.
  func time(in zone: Zone, now: Timestamp) throws(Failure) -> Timestamp {
    try readUsage { () throws(TriggerError) in
      try Timestamp(text, TriggerOptions(zone: zone, now: now), word: name)
    }
  }
}
