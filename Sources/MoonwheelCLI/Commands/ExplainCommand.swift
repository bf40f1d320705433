import ArgumentParser
import MoonwheelReports

struct ExplainCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explains in words when a trigger fires, and what happens when the clocks change.")

  @Argument(help: "A trigger, as in \"cron 30 2 * * *\", \"every weekday at 09:00\".")
  var spec: String

  @OptionGroup var flags: TriggerFlags

  func execute() throws {
    let (trigger, scope) = try flags.read(spec)
    printLines(TriggerExplanation(of: trigger, scope).lines)
  }
}
