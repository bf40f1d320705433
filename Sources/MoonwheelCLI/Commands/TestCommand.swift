import ArgumentParser
import Moonwheel

struct TestCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Runs the tests of scripts in virtual time.",
    discussion:
      "Tests are test(...) blocks in *_test.lua files, or in the scripts themselves. Exit 1 if one fails, or if there is none; 124 if the budget of real time is spent."
  )

  @Argument(
    help: "A file, or a folder: all *.lua and *_test.lua in it, deeply.", completion: .script)
  var paths: [String]

  @Option(help: "Only tests whose file or name contains this text (MOONWHEEL_FILTER).")
  var filter: String?

  @Option(
    help: "The form of the results on stdout: pretty, tap or junit (MOONWHEEL_FORMAT).",
    completion: .choices(of: TestFormat.self))
  var format: String?

  @Option(
    help: "The form of what tests log, on stderr: pretty or json (MOONWHEEL_LOG).",
    completion: .choices(of: LogFormat.self))
  var log: String?

  @Flag(help: "Run the tests again whenever a file changes, until interrupted (MOONWHEEL_WATCH).")
  var watch = false

  @OptionGroup var budget: BudgetOption

  @OptionGroup var lua: LuaOptions

  func execute() throws {
    let format = try Setting("format", format)?.choice(TestFormat.self) ?? .pretty
    let log = try Setting("log", log)?.choice(LogFormat.self) ?? .pretty
    let filter = Setting("filter", filter)?.text
    let session = TestSession(
      paths: paths, filter: filter, format: format, log: log, budget: try budget.length(),
      allowsUnsafeLua: lua.allowsUnsafeLua)
    guard watch || environmentFlag("WATCH") else {
      guard try session.run() else { throw ExitCode(1) }
      return
    }
    try TestWatch(paths).run { _ = try session.run() }
  }
}
