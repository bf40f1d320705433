import ArgumentParser

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs scripts until told to stop, and reloads those that change.")

  @OptionGroup var scripts: ScriptOptions

  @Option(
    help:
      "The file that keeps jobs and history, or \"memory\"; .moonwheel/store.db in the folder if not given (MOONWHEEL_STORE)."
  )
  var store: String?

  @Flag(
    name: .customLong("no-watch"), help: "Do not reload scripts that change (MOONWHEEL_NO_WATCH).")
  var noWatch = false

  @Option(help: "Threads that run scripts (MOONWHEEL_WORKERS).")
  var workers: String?

  @Option(
    help: "How long a callback computes before others have their turn (MOONWHEEL_SLICE).")
  var slice: String?

  @Option(
    help:
      "How long a callback computes without waiting until the log tells of it, as in 10s (MOONWHEEL_STUCK_AFTER)."
  )
  var stuckAfter: String?

  @Option(
    help: "What all scripts together may hold, as in 512M; no cap if not given (MOONWHEEL_MEMORY).")
  var memory: String?

  @Option(help: "The form of the log on stderr: pretty or json (MOONWHEEL_LOG).")
  var log: LogFormat?

  @Option(help: "How long a stop lets runs go on, as in 25s (MOONWHEEL_SHUTDOWN_TIMEOUT).")
  var shutdownTimeout: String?

  @Option(name: .customLong("for"), help: "Stop after this time, as in 10s (MOONWHEEL_FOR).")
  var duration: String?

  @Option(help: "Which host events are logged, as in \"run.*\" (MOONWHEEL_LOG_EVENTS).")
  var logEvents: String?

  var arguments: RunArguments {
    RunArguments(
      paths: scripts.paths, timeZone: scripts.timeZone, store: store, noWatch: noWatch,
      allowsUnsafeLua: scripts.lua.allowsUnsafeLua,
      workers: workers, slice: slice, stuckAfter: stuckAfter, memory: memory, log: log?.rawValue,
      shutdownTimeout: shutdownTimeout, duration: duration, logEvents: logEvents)
  }

  func run() throws { try arguments.run() }
}
