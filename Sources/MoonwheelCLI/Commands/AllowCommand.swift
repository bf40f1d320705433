import ArgumentParser
import Moonwheel
import MoonwheelReports
import Permissions
import PolicyFile

struct AllowCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "allow",
    abstract: "Grants to scripts exactly what they ask for now, in moonwheel.policy.",
    discussion:
      "Writes one line for each script that asks for something, and leaves all else in the file as it is. A host that runs takes it into account at once. Exit 1 if a script does not load, or if a rule denies what it asks for."
  )

  @Argument(help: "A script, or a folder of scripts.", completion: .script)
  var path: String

  @Flag(help: "Show what would change in moonwheel.policy, and change nothing.")
  var diff = false

  @OptionGroup var lua: LuaOptions

  func execute() throws {
    let configuration = try ScriptOptions.configuration(
      [path], nil, allowsUnsafeLua: lua.allowsUnsafeLua)
    let inspection = try Inspection(configuration)
    let grants = try HostGrants(paths: [path], GrantFlags())
    for error in inspection.errors { printError("error: \(error.failure.fullText)") }
    let scripts = inspection.asked.map { ask in
      (script: ask.script, entries: { (_: PermissionSet) in ask.request.all })
    }
    let changes = try PolicyWriter.grant(scripts, grants.book, dry: diff)
    for (file, change) in changes { show(change, in: file) }
    let report = PermissionReport(
      try HostGrants(paths: [path], GrantFlags()), inspection.asked)
    let denied = inspection.asked.flatMap { self.denied($0.script, report) }
    for line in denied { printError("error: \(line)") }
    if changes.isEmpty { showNothing(inspection) }
    guard inspection.errors.isEmpty, denied.isEmpty else { throw ExitCode(1) }
  }

  private func show(_ change: PolicyEdit.Change, in file: String) {
    let place = "\(file):\(change.line): "
    guard diff else {
      return printLine(place + (change.new ?? "removed: \(change.old ?? "")"))
    }
    if let old = change.old { printLine("- \(place)\(old)") }
    if let new = change.new { printLine("+ \(place)\(new)") }
  }

  private func showNothing(_ inspection: Inspection) {
    let asks = inspection.asked.contains { !$0.request.isEmpty }
    printLine(
      asks
        ? "the policy says so already; nothing was changed"
        : "no script asks for a permission; nothing was changed")
  }

  private func denied(_ script: String, _ report: PermissionReport) -> [String] {
    report.lines(of: script).compactMap { line in
      guard case .denied(let place) = line.standing else { return nil }
      return
        "\(script) \(line.text), which \(place) denies whatever is granted: change that rule by hand"
    }
  }
}
