import ArgumentParser
import Moonwheel

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract:
      "Loads scripts without running any job, and shows what they would do; exit 1 on any error.")

  @OptionGroup var scripts: ScriptOptions

  func run() throws {
    let inspection = try scripts.inspect()
    for name in inspection.scripts { show(name, inspection) }
    let jobs = inspection.jobs.count
    let count = inspection.scripts.count
    let errors = inspection.errors.count
    say(
      "\(count) script\(count == 1 ? "" : "s"), \(jobs) job\(jobs == 1 ? "" : "s"), "
        + "\(errors == 0 ? "no errors" : "\(errors) error\(errors == 1 ? "" : "s")")")
    guard inspection.errors.isEmpty else { throw ExitCode(1) }
  }

  private func show(_ script: String, _ inspection: Inspection) {
    let jobs = inspection.jobs.filter { $0.script == script }
    let errors = inspection.errors.filter { $0.script == script }
    say(script)
    let width = min(32, jobs.map(\.name.count).max() ?? 0)
    for job in jobs {
      let padding = String(repeating: " ", count: max(0, width - job.name.count))
      let words = job.words == job.name ? "" : "  \(job.words)"
      say("  \(job.name)\(padding)\(words)\(job.nextText)")
    }
    for error in errors {
      complain("error: \(error.message)" + (error.traceback.isEmpty ? "" : "\n\(error.traceback)"))
    }
  }
}

extension JobDescription {
  var nextText: String {
    if policy.paused { return "; paused" }
    return next.map { "; next \($0.iso(in: timeZone ?? .systemDefault))" } ?? ""
  }
}

extension Zone {
  /// The system's zone, or UTC where it cannot be found.
  static var systemDefault: Zone {
    do { return try SystemZones().systemDefault() } catch { return .utc }
  }
}
