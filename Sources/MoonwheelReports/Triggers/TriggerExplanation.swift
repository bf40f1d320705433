import Triggers

/// The answer of `explain`: a trigger in words, its next fires, and its behaviour when the clocks change.
package struct TriggerExplanation {
  private let trigger: Trigger
  private let scope: FireAnswer.Scope

  package init(of trigger: Trigger, _ scope: FireAnswer.Scope) {
    self.trigger = trigger
    self.scope = scope
  }

  package var lines: [String] {
    guard trigger != .reboot else { return [trigger.words] }
    return [trigger.words, ""] + next + changes + trigger.warnings.flatMap { ["", "Note: \($0)"] }
  }

  private var next: [String] {
    guard scope.count > 0 else { return [] }
    let fires = scope.fires(of: trigger)
    return [fires.isEmpty ? "It does not fire any more." : "Next fires:"]
      + fires.map { "  \($0)" } + [""]
  }

  private var changes: [String] {
    guard !trigger.isElapsed else {
      return ["It counts elapsed time, and does not notice when the clocks change."]
    }
    let zone = scope.options.zone
    let changes = trigger.clockChanges(after: scope.from, anchor: scope.from)
    guard !changes.isEmpty else { return ["The clocks of \(zone.name) do not change."] }
    return ["When the clocks of \(zone.name) change:"]
      + changes.flatMap { change in
        ["  \(change.words)"] + change.fires.map { "    fires at \($0.iso(in: zone))" }
      }
  }
}
