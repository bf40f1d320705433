import ArgumentParser
import Moonwheel
import MoonwheelReports
import SystemCalls

struct InitCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Makes a folder of scripts to begin with.",
    discussion:
      "The folder gets an example with its tests, what editors need to complete and check scripts, a .gitignore, and a systemd unit. A folder that has scripts gets no example. Nothing is overwritten: if a file is there already, nothing is written."
  )

  @Argument(help: "The folder, which may be there already.")
  var path: String

  @Flag(help: "Keep the files that are there, and add those that are missing.")
  var add = false

  func execute() throws {
    let folder = try NewFolder(path)
    let place = ShellWord.path(path)
    let program = ShellWord.quoted(ProcessArguments.program ?? "moonwheel")
    guard folder.present.isEmpty || add else {
      throw Failure(
        "\(path.escapingControls) has \(folder.present.map(\.name).joined(separator: ", ")) already, so nothing was written; to keep that and add the rest: \(program) init \(place) --add",
        code: 2)
    }
    try folder.write()
    show(folder)
    for remark in folder.remarks() { printLine("note: \(remark)") }
    let first = folder.hasScripts ? "check" : "test"
    printLine("\nNext:\n  \(program) \(first) \(place)\n  \(program) run \(place)")
  }

  private func show(_ folder: NewFolder) {
    let shown = path.escapingControls
    guard !folder.missing.isEmpty else {
      printLine("\(shown) has all of it already")
      return
    }
    printLine("\(shown) has now:")
    let width = folder.missing.map(\.name.count).max() ?? 0
    for file in folder.missing {
      printLine("  \(ShortText.padded(file.name, to: width))  \(file.purpose)")
    }
  }
}
