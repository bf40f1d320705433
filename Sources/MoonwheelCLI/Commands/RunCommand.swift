import ArgumentParser

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs scripts until a signal stops it, and reloads those that change.",
    discussion:
      "TERM and INT let runs end within the shutdown timeout, and a second one stops at once. HUP and USR2 load every script again. USR1 logs the state: jobs, queues, and for each run its place in the script."
  )

  @OptionGroup var scripts: ScriptOptions

  @Flag(
    name: .customLong("no-watch"), help: "Do not reload scripts that change (MOONWHEEL_NO_WATCH).")
  var noWatch = false

  @OptionGroup var options: RunOptions

  @OptionGroup var grants: GrantOptions

  var arguments: RunArguments {
    var arguments = RunArguments(
      paths: scripts.paths, values: options.values, noWatch: noWatch, grants: grants.flags,
      allowsUnsafeLua: scripts.lua.allowsUnsafeLua)
    arguments.values[.timeZone] = scripts.timeZone
    return arguments
  }

  func run() throws { try arguments.run() }
}
