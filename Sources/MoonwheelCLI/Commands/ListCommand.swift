import ArgumentParser
import JSON
import Moonwheel
import MoonwheelReports

struct ListCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the jobs that scripts register.",
    discussion: "Exit 1 if a script does not load.")

  @OptionGroup var scripts: ScriptOptions

  @Flag(help: "Print one JSON array.")
  var json = false

  @Flag(help: "Print what each script holds once it is loaded, in bytes, instead of its jobs.")
  var memory = false

  func execute() throws {
    let inspection = try Inspection(try scripts.configuration())
    let held = HeldJobs(scripts: scripts.paths)
    if memory, json {
      printLine(JSONValue.array(inspection.memory.map(\.json)).description)
    } else if memory {
      for use in inspection.memory { printLine("\(use.script)\t\(use.text)") }
    } else if json {
      printLine(
        JSONValue.array(inspection.jobs.map { $0.json(held.hold(of: $0)) }).description)
    } else {
      let table = JobTable(inspection.jobs) { held.hold(of: $0) }
      printLines(Terminal.isPresent ? table.aligned : table.tabbed)
    }
    for error in inspection.errors { printError("error: \(error.message)") }
    guard inspection.errors.isEmpty else { throw ExitCode(1) }
  }
}
