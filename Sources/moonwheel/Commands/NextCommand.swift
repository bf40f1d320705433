import ArgumentParser
import Moonwheel

struct NextCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "next", abstract: "Shows the next fires of a trigger.")

  @Argument(help: "A trigger, as in \"cron */5 * * * *\", \"every day at 10:30\", \"at 18:00\".")
  var spec: String?

  @OptionGroup var question: TriggerQuestion

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

  func run() throws {
    do {
      guard stdin else {
        let (trigger, frame, answerer) = try question.read(spec ?? "")
        for fire in answerer.fires(of: trigger, frame) { say(fire) }
        return
      }
      let zone = try Setting("tz", question.timeZone)?.zone().name
      let answerer = FireQuery.Answerer(timeZone: zone)
      while let line = readLine() { say(answerer.answer(line: line).description) }
    } catch {
      throw error.report()
    }
  }
}
