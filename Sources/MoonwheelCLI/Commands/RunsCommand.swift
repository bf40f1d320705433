import ArgumentParser
import Moonwheel
import MoonwheelReports

struct RunsCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Shows what has run, newest first, or one run with its log and traceback.")

  @Argument(help: "The id of a run.")
  var id: String?

  @Option(help: "Only runs of this job: its name, or script:name.")
  var job: String?

  @Option(
    help: ArgumentHelp(
      "Only runs in one of these states, separated by commas: \(StatusList.words). \(StatusList.bad) is all that did not succeed."
    ))
  var status: String?

  @Option(help: "Only runs that were due since then: \"2h\" ago, \"09:00\", \"2026-12-24 18:00\".")
  var since: String?

  @Option(name: .short, help: "How many at most.")
  var n = 100

  @Flag(help: "One JSON object a line.")
  var json = false

  @OptionGroup var history: HistoryOptions

  func validate() throws {
    guard id == nil || (job == nil && status == nil && since == nil) else {
      throw ValidationError("give either the id of one run, or what the runs have in common")
    }
    guard n > 0 else { throw ValidationError("-n must be at least 1, not \(n)") }
  }

  func execute() throws {
    let zone = try history.zone()
    guard let id else { return try list(zone) }
    guard let run = Run.ID(id) else {
      throw Failure(
        "\"\(id.escapingControls)\" is not the id of a run: an id has 13 letters and digits",
        code: 64)
    }
    let page = try RunPage(of: run, in: try history.open(), zone: zone)
    if json { printLines(page.objects) } else { printLines(page.lines) }
  }

  private func list(_ zone: Zone) throws {
    var query = RunQuery(limit: n < .max ? n + 1 : n)
    query.statuses = try Setting("status", status)?.statuses()
    if let since = Setting("since", since) {
      query.since = try readPastTime(since.text, in: zone, word: since.name)
    }
    let store = try history.open()
    if let job = Setting("job", job) { query.job = try JobLookup.find(job.text, in: store).key }
    let found = try HistoryEntry.newest(query, in: store)
    guard !found.isEmpty else { throw Failure("the store has no such runs") }
    let entries = Array(found.prefix(n))
    if json {
      printLines(entries.map(HistoryJSON(zone: zone).object))
    } else {
      printLines(HistoryTable(entries, zone: zone).lines)
    }
    if found.count > n { printError("only the newest \(n) are shown; a greater -n shows more") }
  }
}
