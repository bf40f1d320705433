import BenchmarkSupport
import Moonwheel
import MoonwheelModel
import SchedulerCore
import SystemZones
import Triggers

/// 100,000 cron jobs in 20 zones that fire at the same second.
enum Rearming {
  static let zoneNames = [
    "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo",
    "Asia/Kolkata", "Africa/Cairo", "Europe/London", "America/Los_Angeles", "Asia/Kathmandu",
    "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca", "Europe/Dublin",
    "Antarctica/Troll", "Asia/Shanghai", "Pacific/Auckland", "America/Denver", "UTC",
  ]
  /// All jobs fire at each quarter of an hour, in any zone.
  private static let expressions = [
    "* * * * *", "*/15 * * * *", "0,15,30,45 * * * *", "*/5 0-23 * * *", "0 */15 * * * *",
  ]
  private static let count = isSmoke ? 1_000 : 100_000

  struct Times {
    /// Only finding the next fires.
    var next: Double
    /// The core's whole step: expired timers, next fires, new timers, dispatches.
    var turn: Double
  }

  /// Milliseconds of processor time, for 100,000 jobs.
  static func times() throws -> Times {
    let triggers = try (0..<count).map { number in
      let zone = try SystemZones.shared.zone(named: zoneNames[number / 5 % zoneNames.count])
      return try Trigger.cron(expressions[number % 5], TriggerOptions(zone: zone))
    }
    // The instant of a spring change in Europe, which some of the zones have.
    let at = Timestamp(seconds: 1_774_746_000)
    let next = NextBenchmark.medianTime(1_000_000) {
      for trigger in triggers { NextBenchmark.keep(trigger.next(after: at, anchor: at)) }
    }
    var turns: [Double] = []
    for _ in 0..<NextBenchmark.rounds { turns.append(turn(triggers, at)) }
    let scale = 100_000 / Double(count)
    return Times(next: next * scale, turn: median(turns) * scale)
  }

  private static func turn(_ triggers: [Trigger], _ at: Timestamp) -> Double {
    let before = Timestamp(seconds: at.seconds - 1)
    var clock = ClockReading(elapsed: 1_000_000_000_000, wall: before)
    var core = SchedulerCore(clock: clock, firstRun: Run.ID(rawValue: 1))
    var effects = Effects()
    core.handle(.interest(.none, listensToRuns: false), at: clock, into: &effects)
    let policy = SharedPolicy(JobPolicy())
    let registrations = triggers.enumerated().map { number, trigger in
      Registration(
        handle: JobHandle(index: UInt32(number), reuse: 0), name: "job \(number)",
        trigger: .time(trigger), policy: policy, callback: CallbackID(rawValue: Int32(number)),
        line: 0, isDynamic: false)
    }
    core.handle(
      .install(
        Installation(
          script: ScriptID(rawValue: 1), name: "jobs.lua", generation: GenerationID(rawValue: 1),
          registrations: registrations)), at: clock, into: &effects)
    effects.removeAll()
    clock.elapsed += 1_000_000_000
    clock.wall = at
    let start = Process.threadTime()
    core.advance(to: clock, into: &effects)
    let time = Double(Process.threadTime() - start) / 1e6
    precondition(effects.dispatches.count == count, "\(effects.dispatches.count) jobs fired")
    return time
  }
}
