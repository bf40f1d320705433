import ArgumentParser
import Moonwheel
import MoonwheelReports

struct WhyCommand: ParsableCommand {
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

  func run() throws {
    try reportErrors {
      let zone = try history.zone()
      let now = SystemClock().read().wall
      let center = try time.map { text throws(Failure) in try instant(text, zone, now) }
      let store = try history.open()
      let page = try WhyPage(
        of: job, around: center, in: store, now: now, handledThrough: try store.handledThrough(),
        host: store.host, zone: zone)
      if json { printLines(page.objects) } else { printLines(page.lines) }
    }
  }

  private func instant(
    _ text: String, _ zone: Zone, _ now: Timestamp
  ) throws(Failure) -> Timestamp {
    do { return try PastTime.read(text, zone: zone, now: now, word: "the time") } catch {
      throw Failure(message: "moonwheel: \(error.message)", code: 64)
    }
  }
}
