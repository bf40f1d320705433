import Moonwheel
import Permissions
import PolicyFile
import SystemCalls
import SystemIO

/// What is dangerous in what scripts ask for, for `check`.
struct PermissionAdvice {
  private(set) var warnings: [String] = []
  private(set) var errors: [String] = []

  private let report: PermissionReport

  /// - Parameter confinement: the version of what confines programs in the kernel; 0 if there is nothing.
  init(
    _ report: PermissionReport, _ scripts: [String], confinement: Int = Confinement.version
  ) {
    self.report = report
    let writable = scripts.flatMap { script in
      report.asked(by: script)[.write].compactMap { entry in
        Self.resolved(entry, in: report.grants.folder(of: script)).map {
          (script: script, entry: entry, path: $0)
        }
      }
    }
    for script in scripts {
      let all = report.asked(by: script)
      for kind in all.kinds {
        for entry in all[kind] { note(script, kind, entry) }
      }
      for program in all[.run] { check(script, program, writable) }
      if confinement == 0, !all[.run].isEmpty {
        warnings.append(
          "\(script): programs are not confined here: this kernel has no Landlock, so they may do all that the user of the host may do"
        )
      }
    }
  }

  private mutating func note(_ script: String, _ kind: PermissionKind, _ entry: String) {
    let folder = report.grants.folder(of: script)
    let policy = report.grants.book.entry(of: script).file
    let words = PermissionRisk.words(
      kind, entry, folder: folder, policyFolder: policy.map { Paths.folder(of: $0) } ?? folder)
    if let words { warnings.append("\(script): \(kind) \(entry.escapingControls) \(words)") }
  }

  /// A program that a script may write is any program.
  private mutating func check(
    _ script: String, _ program: String, _ writable: [(script: String, entry: String, path: String)]
  ) {
    guard RunWord(rawValue: program) == nil,
      let file = Self.file(of: program, in: report.grants.folder(of: script))
    else { return }
    for root in writable where file == root.path || file.hasPrefix(root.path + "/") {
      let who = root.script == script ? "it" : root.script
      errors.append(
        "\(script): run \(program.escapingControls) is \(file.escapingControls), which \(who) may write (write \(root.entry.escapingControls)): so it could run anything. Move the program, or what is written"
      )
    }
  }

  /// The path without links; nil if nothing is there.
  private static func resolved(_ path: String, in folder: String) -> String? {
    Paths.resolved(path.hasPrefix("/") ? path : folder + "/" + path)
  }

  /// The file that a program's name leads to now; nil if there is none.
  private static func file(of program: String, in folder: String) -> String? {
    if program.contains("/") { return resolved(program, in: folder) }
    let path = Environment.nonEmpty("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
    return path.split(separator: ":").lazy.compactMap { place in
      Paths.resolved("\(place)/\(program)")
    }.first
  }
}
