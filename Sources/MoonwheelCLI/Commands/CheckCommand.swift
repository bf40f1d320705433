import ArgumentParser
import JobHistory
import Moonwheel
import MoonwheelReports

struct CheckCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Loads scripts without running any job, and shows what they would do.",
    discussion:
      "Exit 1 on any error; with --strict, on any warning, too. Exit 3 if all loads, but a script asks for what is not granted."
  )

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

  @OptionGroup var grants: GrantOptions

  /// Scripts ask for what is not granted.
  private static let notGranted: Int32 = 3

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
    let permissions = PermissionReport(
      try HostGrants(paths: configuration.servedPaths, grants.flags), inspection.asked)
    for name in inspection.scripts { show(name, inspection, held, permissions) }
    let rules = permissions.advice(scripts: inspection.scripts)
    for rule in rules { printError("warning: \(rule)") }
    let failures = permissions.grants.book.failures
    for failure in failures { printError("error: \(failure)") }
    for warning in inspection.warnings where warning.script.isEmpty {
      printError("warning: \(warning.message)")
    }
    let dangers = PermissionAdvice(permissions, inspection.scripts)
    for warning in dangers.warnings { printError("warning: \(warning)") }
    for error in dangers.errors { printError("error: \(error)") }
    let count = Count(
      errors: inspection.errors.count + failures.count + dangers.errors.count,
      advice: inspection.jobs.map(\.warnings.count).reduce(inspection.warnings.count, +)
        + rules.count + dangers.warnings.count,
      held: inspection.jobs.compactMap(held.hold).count { !$0.isOwnEnd },
      missing: inspection.scripts.flatMap(permissions.lines).count(where: \.isMissing))
    try conclude(inspection, count)
  }

  private struct Count {
    var errors: Int
    var advice: Int
    var held: Int
    var missing: Int
  }

  private func conclude(_ inspection: Inspection, _ count: Count) throws {
    var parts = [
      ShortText.counted(inspection.scripts.count, "script"),
      ShortText.counted(inspection.jobs.count, "job"),
      count.errors == 0 ? "no errors" : ShortText.counted(count.errors, "error"),
    ]
    let warnings = count.advice + count.held
    if warnings > 0 { parts.append(ShortText.counted(warnings, "warning")) }
    if count.missing > 0 {
      parts.append("\(ShortText.counted(count.missing, "permission")) not granted")
      let paths = scripts.paths.map(ShellWord.path)
      printError(
        "To grant what the scripts ask for: \(paths.map { "moonwheel allow \($0)" }.joined(separator: "; "))"
      )
    }
    printLine(parts.joined(separator: ", "))
    // What a store holds back is no mistake of the scripts.
    let fails = count.advice > 0 && (strict || environmentFlag("STRICT"))
    guard count.errors == 0, !fails else { throw ExitCode(1) }
    guard count.missing == 0 else { throw ExitCode(Self.notGranted) }
  }

  private func show(
    _ script: String, _ inspection: Inspection, _ held: HeldJobs, _ permissions: PermissionReport
  ) {
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
    showPermissions(permissions.lines(of: script))
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

  private func showPermissions(_ lines: [PermissionReport.Line]) {
    let width = min(60, lines.map(\.text.count).max() ?? 0)
    for line in lines {
      let standing =
        switch line.standing {
        case .granted(let by): "granted by \(by)"
        case .denied(let by): "DENIED by \(by)"
        case .missing: "NOT GRANTED"
        }
      let mark = (line.isOptional ? ", optional" : "") + (line.isUnused ? ", UNUSED" : "")
      printLine("  \(ShortText.padded(line.text, to: width))  \(standing)\(mark)")
    }
  }
}
