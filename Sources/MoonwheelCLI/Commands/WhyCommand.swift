import ArgumentParser
import Moonwheel
import MoonwheelReports
import ScriptHost

struct WhyCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Shows for each fire of a job that it ran, or why it did not.",
    usage: "moonwheel why [<path>] <job> [<time>] [--json] [--store <store>] [--tz <tz>]")

  // Which word is which is decided in `StorePlace`.
  @Argument(
    help: ArgumentHelp(
      "A folder of scripts, or a script, whose store is read.", valueName: "path"),
    completion: .script)
  var first: String?

  @Argument(help: ArgumentHelp("The job: its name, or script:name.", valueName: "job"))
  var second: String?

  @Argument(
    help: ArgumentHelp(
      "The time around which to look: \"09:00\", \"2h\" ago, \"2026-12-24 18:00\"; the last fires if not given.",
      valueName: "time"))
  var third: String?

  @Flag(help: "Print one JSON object a line.")
  var json = false

  @OptionGroup var history: HistoryOptions

  func execute() throws {
    let (path, name, time) = try StorePlace.read(why: [first, second, third].compactMap(\.self))
    let zones = try history.zones()
    let now = SystemClock().read().wall
    let store = try history.open(path)
    let job = try JobLookup.find(name, in: store)
    let center = try time.map { text throws(Failure) in
      try readPastTime(text, in: zones.zone(of: job), word: "the time")
    }
    let page = try WhyPage(
      of: job, around: center, in: store, now: now, handledThrough: try store.handledThrough(),
      host: store.host, zones: zones)
    if json { printLines(page.objects) } else { printLines(page.lines) }
  }
}
