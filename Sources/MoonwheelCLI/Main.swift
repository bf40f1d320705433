import ArgumentParser
import Moonwheel
import SystemCalls
import Triggers

@main
struct Main: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "moonwheel",
    abstract: "Runs Lua scripts on time: a scheduler with live edits.",
    version: "moonwheel \(Version.number), \(Version.lua)",
    subcommands: [
      InitCommand.self, RunCommand.self, CheckCommand.self, AllowCommand.self, ListCommand.self,
      ImportCommand.self,
      NextCommand.self,
      ExplainCommand.self,
      ExecCommand.self, SimulateCommand.self, TestCommand.self, RunsCommand.self, WhyCommand.self,
    ])

  static func main() {
    SignalSet.unblockAll()
    HostSecrets.take()
    Allocator.returnLargeBlocks()
    let arguments = ProcessArguments.all
    guard let run = RunArguments(withoutParser: arguments) else {
      parse(arguments)
      return
    }
    do { try run.run() } catch { exit(withError: error) }
  }

  private static func parse(_ arguments: [String]) {
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      let code = exitCode(for: error)
      guard code == .validationFailure else { exit(withError: error) }
      printError(usageError(fullMessage(for: error), arguments))
      exit(withError: code)
    }
  }

  /// The parser's message with the beginning that all messages of the program have, and a hint for a command.
  private static func usageError(_ message: String, _ arguments: [String]) -> String {
    let prefix = "Error: "
    guard message.hasPrefix(prefix) else { return message }
    var text = "moonwheel: " + message.dropFirst(prefix.count)
    let commands = configuration.subcommands.compactMap { $0.configuration.commandName }
    if let word = arguments.first, !word.hasPrefix("-"), !commands.contains(word) {
      let near = Spelling.nearest(to: word, in: commands).map { ", did you mean \"\($0)\"?" }
      let all = "; there are " + commands.joined(separator: ", ")
      text =
        "moonwheel: there is no command \"\(word)\"\(near ?? all)\n"
        + text.split(separator: "\n").dropFirst().joined(separator: "\n")
    }
    return text
  }
}
