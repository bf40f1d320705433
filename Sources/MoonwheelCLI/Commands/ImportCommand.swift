import ArgumentParser
import Crontab
import Moonwheel
import MoonwheelReports
import SystemCalls
import SystemZones

struct ImportCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Makes a script of a crontab.",
    discussion:
      "Each line becomes a job; what cannot be taken over stands in the script as a comment with the reason. Exit 1 if there is such a line, 2 if nothing was written. docs/coming-from-cron.md tells what differs from cron."
  )

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case crontab
  }

  @Argument(help: "What FILE is: crontab.")
  var format: Format

  @Argument(help: "The crontab; - reads it from standard input.", completion: .file())
  var file: String

  @Flag(
    name: .customLong("user-column"),
    help:
      "A user stands before each command, as in /etc/crontab and /etc/cron.d, where it is known.")
  var userColumn = false

  @Option(
    name: .shortAndLong, help: "Write the script to this file; to stdout if not given.",
    completion: .script)
  var output: String?

  @Flag(help: "Replace the file of --output.")
  var force = false

  /// Of what is no crontab at all, no more lines are shown.
  private static let mostShown = 3

  func execute() throws {
    let bytes = try read()
    let crontab: Crontab
    do {
      crontab = try Crontab(bytes, hasUserColumn: userColumn || Self.isOfSystem(file)) { name in
        do { return try SystemZones.shared.zone(named: name).name == name } catch { return false }
      }
    } catch {
      throw Failure("\(shownFile): \(error); nothing was written", code: 2)
    }
    let script = CrontabScript(crontab, from: file == "-" ? "a crontab" : file)
    let refused = crontab.refused.map { line, why in
      "not taken over: \(shownFile):\(line.number): \(why)"
    }
    guard script.jobCount > 0 else {
      for line in refused.prefix(Self.mostShown) { printError(line) }
      throw Failure("\(shownFile) has no line that becomes a job; nothing was written", code: 2)
    }
    try write(script.text)
    for line in refused { printError(line) }
    summarize(script, crontab)
    guard refused.isEmpty else { throw ExitCode(1) }
  }

  private var shownFile: String { file == "-" ? "standard input" : file.escapingControls }

  private func read() throws(Failure) -> [UInt8] {
    do {
      if file == "-" { return try StandardInput.read(atMost: Crontab.longest) }
      return try RegularFile.read(file, atMost: Crontab.longest)
    } catch {
      throw Failure("\(error)".escapingControls, code: 2)
    }
  }

  /// Whether it is a crontab of the system, or a copy of one.
  private static func isOfSystem(_ path: String) -> Bool {
    let parts = Paths.absolute(path).split(separator: "/")
    return parts.suffix(2) == ["etc", "crontab"] || parts.dropLast().suffix(2) == ["etc", "cron.d"]
  }

  private func write(_ text: String) throws(Failure) {
    guard let output else {
      _ = MoonwheelCLI.write(text, to: 1)
      return
    }
    let shown = output.escapingControls
    let old = FileStatus(of: output, followingLinks: false)
    if old?.kind == .folder {
      throw Failure("\(shown) is a folder; name a file in it, as in \(shown)/cron.lua", code: 2)
    }
    guard old == nil || force else {
      throw Failure("\(shown) is there already; --force replaces it", code: 2)
    }
    do throws(SystemCallError) {
      guard let old else { return try NewFile.write(Array(text.utf8), to: output) }
      if try ReplacedFile.write(Array(text.utf8), to: output, replacing: old.version) { return }
    } catch {
      throw Failure("\(shown) cannot be written: \(error.reason)", code: 2)
    }
    throw Failure("\(shown) was changed by somebody else meanwhile; nothing was written", code: 2)
  }

  private func summarize(_ script: CrontabScript, _ crontab: Crontab) {
    var parts = [ShortText.counted(script.jobCount, "job")]
    if script.remarkCount > 0 {
      parts.append("\(ShortText.counted(script.remarkCount, "note")) above them")
    }
    if !crontab.refused.isEmpty {
      parts.append("\(ShortText.counted(crontab.refused.count, "line")) not taken over")
    }
    printError(parts.joined(separator: ", "))
    if crontab.looksLikeUserColumn {
      printError(
        "warning: each command begins with the name of a user; --user-column reads such a crontab")
    }
    guard let output else { return }
    let path = ShellWord.path(output)
    printError(
      "Next: moonwheel check \(path), moonwheel allow \(path), and take the lines out of the crontab, so that they do not run twice"
    )
  }
}
