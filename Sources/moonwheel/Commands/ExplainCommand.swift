import ArgumentParser
import Moonwheel

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Says in words when a trigger fires, and what it does when the clocks change.")

  @Argument(help: "A trigger, as in \"cron 30 2 * * *\", \"every weekday at 09:00\".")
  var spec: String

  @OptionGroup var question: TriggerQuestion

  func run() throws {
    do {
      let (trigger, frame, answerer) = try question.read(spec)
      say(trigger.words)
      guard trigger != .reboot else { return }
      say("")
      let fires = answerer.fires(of: trigger, frame)
      if frame.count > 0 {
        say(fires.isEmpty ? "It does not fire any more." : "Next fires:")
        for fire in fires { say("  \(fire)") }
        say("")
      }
      for line in changes(of: trigger, frame) { say(line) }
      for warning in trigger.warnings { say("\nNote: \(warning)") }
    } catch {
      throw error.report()
    }
  }

  private func changes(of trigger: Trigger, _ frame: FireQuery.Frame) -> [String] {
    guard !trigger.isElapsed else {
      return ["It counts elapsed time, and does not notice when the clocks change."]
    }
    let zone = frame.options.zone
    let changes = trigger.clockChanges(after: frame.from, anchor: frame.from)
    guard !changes.isEmpty else { return ["The clocks of \(zone.name) do not change."] }
    return ["When the clocks of \(zone.name) change:"]
      + changes.flatMap { change in
        ["  \(change.words)"] + change.fires.map { "    fires at \($0.iso(in: zone))" }
      }
  }
}
