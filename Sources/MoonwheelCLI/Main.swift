import ArgumentParser
import SystemCalls

@main
struct Main: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "moonwheel",
    abstract: "Runs Lua scripts on time: a scheduler with live edits.",
    subcommands: [
      RunCommand.self, CheckCommand.self, ListCommand.self, NextCommand.self, ExplainCommand.self,
      ExecCommand.self, SimulateCommand.self, TestCommand.self, RunsCommand.self, WhyCommand.self,
    ])

  static func main() {
    SignalSet.unblockAll()
    guard let run = RunArguments(withoutParser: CommandLine.arguments.dropFirst()) else {
      main(nil)
      return
    }
    do { try run.run() } catch { exit(withError: error) }
  }
}
