import BareCron
import BenchmarkSupport
import Moonwheel
import SystemZones
import Triggers

/// The time to find a job's next fire, compared with bare cron in C and two Python schedulers: nanoseconds of processor
/// time, medians over rounds.
///
///     NextBenchmark [--smoke]
@main
struct NextBenchmark {
  static let expressions = ["* * * * *", "0 9 * * 1-5", "30 4 1,15 * 5", "0 0 29 2 *"]
  static let rounds = isSmoke ? 3 : 9

  static func main() throws {
    try printCron()
    try printHostile()
    let times = try Rearming.times()
    print()
    print("100,000 cron jobs in \(Rearming.zoneNames.count) zones that fire at one second: ms")
    row("  their next fires", rounded(times.next, 1))
    row("  the core's turn: fires, timers, dispatches", rounded(times.turn, 1))
  }

  private static func printCron() throws {
    let peers = Peers.times(expressions, rounds: rounds)
    let titles = ["zone", "expression", "parse ns", "next ns", "bare C ns", "ratio"]
    let widths = [15, 16, 9, 9, 10, 6]
    print(
      zip(titles, widths).map(pad).joined(separator: " "),
      peers.isEmpty ? "" : Peers.names.map { pad($0 + " ns", 12) }.joined())
    for name in ["UTC", "Europe/Berlin"] {
      let options = TriggerOptions(zone: try SystemZones.shared.zone(named: name))
      for expression in expressions {
        let (next, bare) = try compare(expression, options)
        let parsing = try parsingTime(expression, options)
        let peerTimes = Peers.names.compactMap { peers[[$0, expression]] }
        let cells = [
          name, expression, rounded(parsing, 0), rounded(next, 1), rounded(bare, 1),
          rounded(next / bare),
        ]
        print(
          zip(cells, widths).map(pad).joined(separator: " "),
          name == "UTC" ? peerTimes.map { pad(rounded($0, 0), 12) }.joined() : "")
      }
    }
    if peers.isEmpty { print("croniter and cronsim are not installed: make bench-peers") }
  }

  /// Times of ours and of bare C, measured in turn; C knows only UTC.
  private static func compare(
    _ expression: String, _ options: TriggerOptions
  ) throws -> (next: Double, bare: Double) {
    let trigger = try Trigger.cron(expression, options)
    var cron = bare_cron()
    precondition(
      unsafe bare_cron_parse(&cron, expression), "\(expression) is no line for bare cron")
    var next: [Double] = []
    var bare: [Double] = []
    for _ in 0..<rounds {
      next.append(nextTime(trigger))
      bare.append(bareTime(cron))
    }
    return (median(next), median(bare))
  }

  private static let fires = isSmoke ? 10_000 : 200_000

  private static func nextTime(_ trigger: Trigger) -> Double {
    time(fires) {
      var at = start
      for _ in 0..<fires {
        at = trigger.next(after: at, anchor: start) ?? start
        if at.seconds > 4_000_000_000 { at = start }
      }
      keep(at)
    }
  }

  private static func bareTime(_ cron: bare_cron) -> Double {
    var cron = cron
    return time(fires) {
      var at = start.seconds
      for _ in 0..<fires {
        at = unsafe bare_cron_next(&cron, at)
        if at > 4_000_000_000 { at = start.seconds }
      }
      keep(Timestamp(seconds: at))
    }
  }

  private static func parsingTime(
    _ expression: String, _ options: TriggerOptions
  ) throws -> Double {
    let count = isSmoke ? 1_000 : 20_000
    return try medianTime(count) {
      for _ in 0..<count { keep(try Trigger.cron(expression, options)) }
    }
  }

  static let start = Timestamp(seconds: 1_700_000_000)

  static func medianTime<E: Error>(_ count: Int, _ body: () throws(E) -> Void) throws(E) -> Double {
    var times: [Double] = []
    for _ in 0..<rounds { times.append(try time(count, body)) }
    return median(times)
  }

  /// Nanoseconds for each of a number of repetitions.
  private static func time<E: Error>(_ count: Int, _ body: () throws(E) -> Void) throws(E) -> Double
  {
    let before = Process.threadTime()
    try body()
    return Double(Process.threadTime() - before) / Double(count)
  }

  @inline(never)
  static func keep(_ instant: Timestamp?) {}

  @inline(never)
  static func keep(_ trigger: Trigger) {}
}
