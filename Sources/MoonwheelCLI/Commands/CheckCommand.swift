import ArgumentParser
import JobHistory
import Moonwheel
import MoonwheelReports

struct CheckCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Loads scripts without running any job, and shows what they would do.",
    discussion: "Exit 1 on any error; with --strict, on any warning, too.")

  @OptionGroup var scripts: ScriptOptions

  @Option(
    name: .customLong("on-failure"),
    help: "Also check this script as the alarm script of run (MOONWHEEL_ON_FAILURE).",
    completion: .script)
  var onFailure: String?

  @Flag(help: "Exit 1 on warnings, too (MOONWHEEL_STRICT).")
  var strict = false

  @Option(
    help:
      "Functions that the embedding program gives to its scripts: a list like greet,shop.price (MOONWHEEL_GIVEN)."
  )
  var given: String?

  func execute() throws {
    let names = Setting("given", given)?.text.split(separator: ",").map(String.init) ?? []
    var configuration = try scripts.configuration()
    configuration.onFailure = try Setting("on-failure", onFailure)?.scriptFile()
    let inspection: Inspection
    do {
      inspection = try Inspection(configuration, given: names)
    } catch let error as RegistrationError {
      throw Failure("--given: \(error)", code: 64)
    }
    let held = HeldJobs(scripts: scripts.paths)
    for name in inspection.scripts { show(name, inspection, held) }
    for warning in inspection.warnings where warning.script.isEmpty {
      printError("warning: \(warning.message)")
    }
    let errors = inspection.errors.count
    let advice = inspection.jobs.map(\.warnings.count).reduce(inspection.warnings.count, +)
    let heldJobs = inspection.jobs.compactMap(held.hold).count { !$0.isOwnEnd }
    let warnings = advice + heldJobs
    var parts = [
      ShortText.counted(inspection.scripts.count, "script"),
      ShortText.counted(inspection.jobs.count, "job"),
      errors == 0 ? "no errors" : ShortText.counted(errors, "error"),
    ]
    if warnings > 0 { parts.append(ShortText.counted(warnings, "warning")) }
    printLine(parts.joined(separator: ", "))
    // What a store holds back is no mistake of the scripts.
    let fails = advice > 0 && (strict || environmentFlag("STRICT"))
    guard inspection.errors.isEmpty, !fails else { throw ExitCode(1) }
  }

  private func show(_ script: String, _ inspection: Inspection, _ held: HeldJobs) {
    let jobs = inspection.jobs.filter { $0.script == script }
    printLine(script)
    let width = min(32, jobs.map(\.name.escapingControls.count).max() ?? 0)
    for job in jobs {
      let name = ShortText.padded(job.name.escapingControls, to: width)
      let next = job.nextText(held.hold(of: job))
      // Without the words, what follows the name begins no sentence.
      let rest = job.words == job.name ? String(next.dropFirst(2)) : job.words + next
      printLine(rest.isEmpty ? "  " + job.name.escapingControls : "  \(name)  \(rest)")
    }
    for warning in inspection.warnings where warning.script == script {
      printError("warning: \(warning.message)")
    }
    for job in jobs {
      for warning in job.warnings { printError("warning: \(script):\(job.line): \(warning)") }
      guard let hold = held.hold(of: job), !hold.isOwnEnd else { continue }
      printError("warning: \(job.warning(of: hold))")
    }
    for error in inspection.errors where error.script == script {
      printError("error: \(error.failure.fullText)")
    }
  }
}
