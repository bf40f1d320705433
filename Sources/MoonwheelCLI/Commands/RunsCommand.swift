import ArgumentParser
import JobHistory
import Moonwheel
import MoonwheelModel
import MoonwheelReports

struct RunsCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "Shows what has run, newest first, or one run with its log and traceback.")

  // Which word is which is decided in `StorePlace`.
  @Argument(
    help: ArgumentHelp(
      "A folder of scripts, or a script, whose store is read.", valueName: "path"),
    completion: .script)
  var first: String?

  @Argument(help: ArgumentHelp("The id of a run.", valueName: "id"))
  var second: String?

  @Option(help: "Only runs of this job: its name, or script:name.")
  var job: String?

  @Option(
    help: ArgumentHelp(
      "Only runs in one of these states, separated by commas: \(StatusList.words). \(StatusList.bad) is all that did not succeed."
    ), completion: .list([StatusList.bad] + RunStatus.allCases.map(\.rawValue)))
  var status: String?

  @Option(help: "Only runs that were due since then: \"2h\" ago, \"09:00\", \"2026-12-24 18:00\".")
  var since: String?

  @Option(name: .short, help: "How many at most; 100 if not given.")
  private var n: Int?

  @Flag(help: "Print one JSON object a line.")
  var json = false

  @OptionGroup var history: HistoryOptions

  private var limit: Int { n ?? 100 }

  func validate() throws {
    guard limit > 0 else { throw ValidationError("-n must be at least 1, not \(limit)") }
  }

  func execute() throws {
    let (path, id) = try StorePlace.read(runs: [first, second].compactMap(\.self))
    guard id == nil || (job == nil && status == nil && since == nil) else {
      throw Failure(
        "give either the id of one run, or what the runs have in common", code: 64)
    }
    let zones = try history.zones()
    guard let id else { return try list(path, zones) }
    let page = try RunPage(of: id, in: try history.open(path), zones: zones)
    if json { printLines(page.objects) } else { printLines(page.lines) }
  }

  private func list(_ path: String?, _ zones: HistoryZones) throws {
    var query = RunQuery(limit: limit < .max ? limit + 1 : limit)
    query.statuses = try Setting("status", status)?.statuses()
    let store = try history.open(path)
    let job = try Setting("job", job).map { try JobLookup.find($0.text, in: store) }
    query.job = job?.key
    if let since = Setting("since", since) {
      query.since = try readPastTime(since.text, in: zones.zone(of: job), word: since.name)
    }
    let found = try HistoryEntry.newest(query, in: store)
    guard !found.isEmpty else { throw Failure("the store has no such runs") }
    let entries = Array(found.prefix(limit))
    if json {
      printLines(entries.map(HistoryJSON(zone: zones.general).object))
    } else {
      printLines(try HistoryTable(entries, zones: zones, in: store).lines)
    }
    if found.count > limit {
      printError("only the newest \(limit) are shown; a greater -n shows more")
    }
  }
}
