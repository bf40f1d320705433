import BenchmarkSupport
import Moonwheel

/// What it takes to find a job's next fire: nanoseconds of processor time, medians over rounds.
///
///     NextBenchmark [--smoke]
@main
struct NextBenchmark {
  static let expressions = ["* * * * *", "0 9 * * 1-5", "30 4 1,15 * 5", "0 0 29 2 *"]
  static let zoneNames = [
    "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo",
    "Asia/Kolkata", "Africa/Cairo", "Europe/London", "America/Los_Angeles", "Asia/Kathmandu",
    "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca", "Europe/Dublin",
    "Antarctica/Troll", "Asia/Shanghai", "Pacific/Auckland", "America/Denver", "UTC",
  ]
  static let rounds = isSmoke ? 3 : 9

  static func main() throws {
    print(pad("zone", 15), pad("expression", 16), pad("parse ns", 9), "next ns")
    for name in ["UTC", "Europe/Berlin"] {
      let options = TriggerOptions(zone: try SystemZones.shared.zone(named: name))
      for expression in expressions {
        let parsing = try parsingTime(expression, options)
        let next = nextTime(try Trigger.cron(expression, options))
        print(pad(name, 15), pad(expression, 16), pad(rounded(parsing, 0), 9), rounded(next, 1))
      }
    }
    print(
      "100,000 cron jobs in \(zoneNames.count) zones, all re-armed: ms", rounded(try rearmingTime())
    )
  }

  static func parsingTime(_ expression: String, _ options: TriggerOptions) throws -> Double {
    let count = isSmoke ? 1_000 : 20_000
    return try medianTime(count) {
      for _ in 0..<count {
        keep(try Trigger.cron(expression, options).next(after: start, anchor: start))
      }
    } - nextTime(try Trigger.cron(expression, options))
  }

  static func nextTime(_ trigger: Trigger) -> Double {
    let count = isSmoke ? 10_000 : 200_000
    return medianTime(count) {
      var at = start
      for _ in 0..<count {
        at = trigger.next(after: at, anchor: start) ?? start
        if at.seconds > 4_000_000_000 { at = start }
      }
      keep(at)
    }
  }

  /// Milliseconds, with the jobs' triggers made beforehand.
  static func rearmingTime() throws -> Double {
    let jobs = try (0..<100_000).map { number in
      let zone = try SystemZones.shared.zone(named: zoneNames[number / 5 % zoneNames.count])
      return try Trigger.cron(
        (expressions + ["*/5 * * * *"])[number % 5], TriggerOptions(zone: zone))
    }
    // A spring change in Europe: some are in it.
    let at = Timestamp(seconds: 1_774_746_000)
    return medianTime(1_000_000) {
      for job in jobs { keep(job.next(after: at, anchor: at)) }
    }
  }

  static let start = Timestamp(seconds: 1_700_000_000)

  static func medianTime<E: Error>(_ count: Int, _ body: () throws(E) -> Void) throws(E) -> Double {
    var times: [Double] = []
    for _ in 0..<rounds {
      let before = Process.threadTime()
      try body()
      times.append(Double(Process.threadTime() - before) / Double(count))
    }
    return median(times)
  }

  @inline(never)
  static func keep(_ instant: Timestamp?) {}
}
