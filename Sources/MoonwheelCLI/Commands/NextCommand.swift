import ArgumentParser
import Moonwheel
import MoonwheelReports
import ScriptHost

struct NextCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "next", abstract: "Shows the next fires of a trigger.")

  @Argument(help: "A trigger, as in \"cron */5 * * * *\", \"every day at 10:30\", \"at 18:00\".")
  var spec: String?

  @OptionGroup var flags: TriggerFlags

  @Flag(help: "Read requests as JSON, one a line, and answer each with a line.")
  var stdin = false

  func validate() throws {
    guard stdin || spec != nil else {
      throw ValidationError("a trigger is missing, as in: moonwheel next \"every 10s\"")
    }
    guard !stdin || spec == nil else {
      throw ValidationError("give either a trigger or --stdin, which reads triggers")
    }
  }

  func execute() throws {
    guard stdin else {
      let (trigger, scope) = try flags.read(spec ?? "")
      let fires = scope.fires(of: trigger)
      printLines(fires)
      // Nothing at all would look like a mistake of the command.
      if fires.isEmpty, scope.count > 0 {
        printError(trigger == .reboot ? trigger.words : "it does not fire after \(scope.start)")
      }
      return
    }
    let answer = FireAnswer(timeZone: try Setting("tz", flags.timeZone)?.zone().name)
    while let line = readLine() {
      printLine(answer.object(forLine: line, now: SystemClock().read().wall).description)
    }
  }
}
