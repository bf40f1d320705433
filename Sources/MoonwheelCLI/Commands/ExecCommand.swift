import ArgumentParser
import JSON
import Logging
import Moonwheel
import MoonwheelReports

struct ExecCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec",
    abstract: "Runs one job once, here and now, and prints its result as JSON.",
    discussion:
      "No other job fires, and nothing is stored: run.state begins as the script says, and the host refuses promises to other jobs. Exit 1 if the run fails, 124 if it times out."
  )

  @Argument(help: "A script, or a folder of scripts.", completion: .script)
  var path: String

  @Argument(help: "The name of the job.")
  var job: String

  @Option(
    help:
      "What the run gets as run.args, as JSON; the job's own args if not given. A handler gets it as the payload of its event."
  )
  var args: String?

  @Option(
    name: .customLong("tz"),
    help: "The time zone of triggers that name none, as in Europe/Berlin (MOONWHEEL_TZ).",
    completion: .timeZone)
  var timeZone: String?

  @Option(
    help: "The form of the log on stderr: pretty or json (MOONWHEEL_LOG).",
    completion: .choices(of: LogFormat.self))
  var log: String?

  @Option(help: ArgumentHelp(RunOption.secrets.help), completion: .directory)
  var secrets: String?

  @Option(help: ArgumentHelp(RunOption.smtp.help))
  var smtp: String?

  @OptionGroup var grants: GrantOptions

  @OptionGroup var lua: LuaOptions

  func execute() throws {
    let result = try outcome().result()
    LogSink.standardError.drain()  // on a terminal, the result must come after the log
    printLine(result)
  }

  private func outcome() throws -> Run.Outcome {
    var configuration = try ScriptOptions.configuration(
      [path], timeZone, allowsUnsafeLua: lua.allowsUnsafeLua)
    // The files that the script keeps when it is served.
    if case .file(let store) = try StoreLocation(nil, scripts: [path]) {
      configuration.filesFolder = store + ".files"
    }
    configuration.selection.secrets = try HostSecrets.sources(Setting("secrets", secrets))
    configuration.smtp = try Setting("smtp", smtp)?.mailServer()
    // The command itself prints how the run ends.
    configuration.logEvents = "script.failed"
    configuration.permissions = try HostGrants(paths: [path], grants.flags).policy()
    let arguments = try args.map { text throws(Failure) in try Self.arguments(text) }
    let format = try Setting("log", log)?.choice(LogFormat.self) ?? .pretty
    let execution = try Execution(configuration, job: job)
    return try execution.runBlocking(
      arguments: arguments ?? .nil, logger: try format.hostLogger(drainTimeout: nil))
  }

  /// Null is no arguments.
  private static func arguments(_ text: String) throws(Failure) -> Value {
    do {
      let value = Value(try JSONReader.read(text))
      return value.isNull ? .nil : value
    } catch {
      throw Failure("--args must be JSON, as in --args '{\"id\": 42}': \(error)", code: 64)
    }
  }
}

extension Run.Outcome {
  /// The result as JSON. Throws a failure if the run has no result.
  fileprivate func result() throws(Failure) -> String {
    switch self {
    case .succeeded(let value): return JSONValue(value).description
    case .cancelledJob: return JSONValue.null.description
    case .declined: throw Failure("the job did not run: its when returned false")
    case .misfired: throw Failure("the job did not run: it was later than its grace")
    case .failed(let failure): throw Failure(failure.fullText + failure.missingFunctionHint)
    case .cancelled(let failure), .abandoned(let failure): throw Failure(failure.fullText)
    case .timedOut(let failure), .dropped(let failure), .evicted(let failure):
      throw Failure(failure.fullText, code: 124)
    }
  }
}

extension RunFailure {
  /// Where a global that is called or read does not exist: that a program which embeds Moonwheel may have it.
  fileprivate var missingFunctionHint: String {
    guard let name = message.firstMatch(of: /a nil value \(global '(\w+)'\)|: '(\w+)' is not/)
    else {
      return ""
    }
    let global = name.output.1 ?? name.output.2 ?? ""
    return
      "\nexec gives a script only what moonwheel itself has: if a program that embeds it registers \(global), run the job there, or test it with sim:mock"
  }
}
