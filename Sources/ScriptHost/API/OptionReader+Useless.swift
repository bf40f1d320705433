import MoonwheelModel
import Triggers

/// Refuses options that the job itself sets, and that would do nothing. As defaults they concern only the jobs that can
/// use them.
extension OptionReader {
  func refuseUseless(_ policy: JobPolicy, _ trigger: JobTrigger) throws(Mistake) {
    guard !options.isEmpty else { return }
    if policy.overlap != .allow { try refuse("max_instances", without: "overlap = \"allow\"") }
    if policy.overlap != .queue { try refuse("backlog", without: "overlap = \"queue\"") }
    if policy.catchup != .all { try refuse("catchup_limit", without: "catchup = \"all\"") }
    if !trigger.isTimed {
      for name in ["now", "grace", "tz"] { try refuse(name, without: "a trigger of time") }
    }
    try refuseUselessTime(trigger)
  }

  /// Of the options that a trigger value may have, too.
  func refuseUselessTime(_ trigger: JobTrigger) throws(Mistake) {
    guard !options.isEmpty else { return }
    let time: Trigger? = if case .time(let time) = trigger { time } else { nil }
    if time?.isElapsed != false, !hasWallTimeBound {
      let need = "a time of day, as in every(\"day at 02:30\")"
      for name in ["gap", "fold"] { try refuse(name, without: need) }
    }
    let text = time?.text.lowercased() ?? ""
    if !["sun", "dawn", "dusk", "noon"].contains(where: text.contains) {
      let need = "an event of the sun, as in every(\"sunset - 15m\")"
      for name in ["lat", "lon"] { try refuse(name, without: need) }
    }
  }

  /// Whether `from` or `till` is a text with a time of day, which a change of the clocks may concern.
  private var hasWallTimeBound: Bool {
    ["from", "till"].contains { self[$0]?.text.map { Self.length($0) == nil } ?? false }
  }

  private func refuse(_ name: String, without need: String) throws(Mistake) {
    guard isOwn(name) else { return }
    throw Mistake("option \"\(written(name))\" does nothing without \(need)")
  }
}
