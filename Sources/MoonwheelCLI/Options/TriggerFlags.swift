import ArgumentParser
import Moonwheel
import MoonwheelReports
import ScriptHost
import Triggers

/// The flags of `next` and `explain`.
struct TriggerFlags: ParsableArguments {
  @Option(
    name: .customLong("tz"), help: "The time zone, as in Europe/Berlin (MOONWHEEL_TZ).",
    completion: .timeZone)
  var timeZone: String?

  @Option(help: "The instant after which to look; now if not given.")
  var from: String?

  @Option(name: .short, help: "How many fires; 5 if not given.")
  var n: Int?

  @Option(
    help: "What a time does that a change of the clocks skips: after, shift or skip.",
    completion: .list(["after", "shift", "skip"]))
  var gap: String?

  @Option(
    help: "When a time fires that comes twice: first, last or both.",
    completion: .list(["first", "last", "both"]))
  var fold: String?

  @Option(help: "The place for sunrise, sunset and dawn: degrees north.")
  var lat: Double?

  @Option(help: "The place for sunrise, sunset and dawn: degrees east.")
  var lon: Double?

  /// A mistake in the spec ends with exit code 1, one in a flag with 64.
  func read(
    _ spec: String
  ) throws(Failure) -> (trigger: Trigger, scope: FireAnswer.Scope) {
    let answer = FireAnswer(timeZone: try Setting("tz", timeZone)?.zone().name)
    var query = FireQuery(spec: spec)
    query.from = from
    query.count = n ?? 5
    query.gap = gap
    query.fold = fold
    query.latitude = lat
    query.longitude = lon
    let scope = try readUsage { () throws(TriggerError) in
      try answer.scope(of: query, now: SystemClock().read().wall)
    }
    do {
      return (try Trigger.parse(spec: spec, scope.options), scope)
    } catch {
      throw Failure(error.message)
    }
  }
}
