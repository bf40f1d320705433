import MoonwheelModel
import ArgumentParser
import Logging
import Moonwheel

struct ExecCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec",
    abstract: "Runs one job once, here and now, and prints its result as JSON.",
    discussion:
      "Nothing else fires, and nothing is kept: run.state begins as the script says, and promises to other jobs are refused. Exit 1 if the run fails, 124 if it was out of time."
  )

  @Argument(help: "A script, or a folder of scripts.")
  var path: String

  @Argument(help: "The name of the job.")
  var job: String

  @Option(help: "What the run gets as run.args, as JSON; the job's own args if not given.")
  var args: String?

  @Option(
    name: .customLong("tz"),
    help: "The time zone of triggers that name none, as in Europe/Berlin (MOONWHEEL_TZ).")
  var timeZone: String?

  @Option(help: "The form of the log on stderr: pretty or json (MOONWHEEL_LOG).")
  var log: LogFormat?

  @OptionGroup var lua: LuaOptions

  func run() throws {
    do {
      let outcome = try outcome()
      let result = try outcome.printedResult()
      LogSink.standardError.drain()  // before what follows on a terminal
      say(result)
    } catch let failure as Failure {
      throw failure.report()
    } catch let error as ScriptError {
      throw Failure(message: "moonwheel: \(error)").report()
    } catch {
      throw Failure(message: "moonwheel: \(error)", code: 2).report()
    }
  }

  private func outcome() throws -> Run.Outcome {
    var configuration = Configuration(paths: [path])
    configuration.allowsUnsafeLua = lua.allowsUnsafeLua
    configuration.timeZone = try Setting("tz", timeZone)?.zone().name
    // How the run itself ends is said by the command.
    configuration.logEvents = "script.failed"
    let arguments = try args.map { (text) throws(Failure) in try JSONArguments.parse(text) }
    let format = try Setting("log", log?.rawValue)?.choice(LogFormat.self) ?? .pretty
    let execution = try Execution(configuration, job: job)
    return try execution.runBlocking(
      arguments: arguments ?? .nil, logger: try format.hostLogger(patience: nil))
  }
}

extension Run.Outcome {
  /// The result as JSON; throws what the command is to say otherwise.
  fileprivate func printedResult() throws(Failure) -> String {
    switch self {
    case .succeeded(let value): return JSONText(value).description
    case .cancelledJob: return JSONText.null.description
    case .declined: throw Failure(message: "moonwheel: nothing was run: its when said no")
    case .misfired:
      throw Failure(message: "moonwheel: nothing was run: it was too late for its grace")
    case .failed(let failure), .cancelled(let failure), .abandoned(let failure):
      throw Failure(message: failure.printed)
    case .timedOut(let failure), .dropped(let failure), .evicted(let failure):
      throw Failure(message: failure.printed, code: 124)
    }
  }
}

extension RunFailure {
  fileprivate var printed: String {
    "moonwheel: " + message + (traceback.isEmpty ? "" : "\n\(traceback)")
  }
}
