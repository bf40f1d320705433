import BenchmarkSupport
import Moonwheel
import SystemZones
import Triggers

/// Specs that are as expensive as we could make them: none may take more than a millisecond to parse or to search.
private let hostile: [(name: String, spec: String)] = [
  ("a leap day in the last years", "cron 0 0 0 29 2 * 2260-2262"),
  ("the longest list of minutes", "cron " + repeated("0-59/1,", 580) + "0 * * * *"),
  ("every weekday of every kind", "cron 0 0 L,LW,1W,15W,31W,L-30 * mon#5,tueL,fri#3"),
  ("the longest list of times", "every day at " + repeated("23:59:59, ", 400) + "00:00"),
  ("a rare day of rare months", "every 11 months on the 5th sunday"),
  ("a long step of minutes", "every 999999 minutes at :59"),
  ("a word that resembles many", "every " + repeated("mondaytuesday", 300)),
  ("digits", "every " + repeated("9", 4_000) + "s"),
  ("units", "every " + repeated("1h", 2_000)),
  ("dawn at the pole", "every astronomical dawn - 24h"),
]

private func repeated(_ text: String, _ count: Int) -> String {
  String(repeating: text, count: count)
}

extension NextBenchmark {
  static func printHostile() throws {
    print()
    print(pad("hostile specs", 32), pad("parse us", 9), "next us")
    for (name, spec) in hostile {
      let options = TriggerOptions(
        zone: try SystemZones.shared.zone(named: "Africa/Casablanca"), now: start, latitude: 90,
        longitude: 0)
      let parsing = medianTime(1_000) { _ = Result { try Trigger.parse(spec: spec, options) } }
      var next = ""
      if case .success(let trigger) = Result(catching: { try Trigger.parse(spec: spec, options) }) {
        next = rounded(medianTime(1_000) { keep(trigger.next(after: start, anchor: start)) }, 1)
      }
      print(pad(name, 32), pad(rounded(parsing, 1), 9), next.isEmpty ? "refused" : next)
    }
    print("the costliest combination that finds nothing: ms", rounded(try longestSearch(), 1))
  }

  /// A search that finds nothing, in a combination of as many triggers as are allowed.
  private static func longestSearch() throws -> Double {
    let pole = TriggerOptions(latitude: 90, longitude: 0)
    let dawn = try Trigger.every("astronomical dawn", pole)
    let suns = try (1..<99).reduce(dawn) { union, _ in try union | dawn }
    let trigger = try suns & Trigger.cron("0 0 * * *", pole)
    return medianTime(1_000_000) { keep(trigger.next(after: start, anchor: start)) }
  }
}
