import ArgumentParser
import Moonwheel
import MoonwheelReports

struct WhyCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Shows for each fire of a job that it ran, or why it did not.")

  @Argument(help: "The job: its name, or script:name.")
  var job: String

  @Argument(
    help:
      "The time around which to look: \"09:00\", \"2h\" ago, \"2026-12-24 18:00\"; the last fires if not given."
  )
  var time: String?

  @Flag(help: "One JSON object a line.")
  var json = false

  @OptionGroup var history: HistoryOptions

  func execute() throws {
    let zone = try history.zone()
    let now = SystemClock().read().wall
    let center = try time.map { text throws(Failure) in
      try readPastTime(text, in: zone, word: "the time")
    }
    let store = try history.open()
    let page = try WhyPage(
      of: job, around: center, in: store, now: now, handledThrough: try store.handledThrough(),
      host: store.host, zone: zone)
    if json { printLines(page.objects) } else { printLines(page.lines) }
  }
}
