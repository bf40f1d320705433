import ArgumentParser
import Glibc
import Logging
import Moonwheel
import Synchronization
import UnixSignals

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs scripts until told to stop, and reloads those that change.")

  enum LogFormat: String, ExpressibleByArgument, CaseIterable { case pretty, json }

  @OptionGroup var scripts: ScriptOptions

  @Flag(
    name: .customLong("no-watch"), help: "Do not reload scripts that change (MOONWHEEL_NO_WATCH).")
  var noWatch = false

  @Option(help: "Threads that run scripts (MOONWHEEL_WORKERS).")
  var workers: Int?

  @Option(help: "The form of the log on stderr: pretty or json (MOONWHEEL_LOG).")
  var log: LogFormat?

  @Option(help: "How long a stop lets runs go on, as in 25s (MOONWHEEL_SHUTDOWN_TIMEOUT).")
  var shutdownTimeout: String?

  @Option(name: .customLong("for"), help: "Stop after this time, as in 10s (MOONWHEEL_FOR).")
  var duration: String?

  @Option(help: "Which host events are logged, as in \"run.*\" (MOONWHEEL_LOG_EVENTS).")
  var logEvents: String?

  func run() async throws {
    do {
      try await serve(try settings())
    } catch let failure as Failure {
      throw failure.report()
    } catch let error as ScriptError {
      throw Failure(message: "moonwheel: \(error)").report()
    }
  }

  private struct Settings {
    var configuration: Configuration
    var format: LogFormat
    var duration: Int64?
  }

  private func settings() throws -> Settings {
    var configuration = scripts.configuration()
    configuration.watches = !(noWatch || environmentFlag("NO_WATCH"))
    configuration.logEvents = logEvents ?? environment("LOG_EVENTS") ?? configuration.logEvents
    if let workers = try workers ?? number("WORKERS") {
      guard (1...1024).contains(workers) else {
        throw Failure(
          message: "moonwheel: --workers must be from 1 to 1024, not \(workers)", code: 64)
      }
      configuration.workers = workers
    }
    if let text = shutdownTimeout ?? environment("SHUTDOWN_TIMEOUT") {
      configuration.shutdownTimeout = Double(try length(text, "--shutdown-timeout")) / 1e9
    }
    let format = log ?? environment("LOG").flatMap(LogFormat.init(rawValue:)) ?? .pretty
    let duration = try (duration ?? environment("FOR")).map { try length($0, "--for") }
    return Settings(configuration: configuration, format: format, duration: duration)
  }

  private func number(_ name: String) throws -> Int? {
    guard let text = environment(name) else { return nil }
    guard let number = Int(text) else {
      throw Failure(
        message: "moonwheel: MOONWHEEL_\(name) must be a number, not \"\(text)\"", code: 64)
    }
    return number
  }

  private func length(_ text: String, _ flag: String) throws -> Int64 {
    do {
      return try DurationText.parse(text)
    } catch {
      throw Failure(message: "moonwheel: \(flag): \(error.message)", code: 64)
    }
  }

  private func serve(_ settings: Settings) async throws {
    let scheduler: Scheduler
    do {
      scheduler = try Scheduler(settings.configuration, logger: makeLogger(settings.format))
    } catch {
      throw Failure(message: "moonwheel: \(error)")
    }
    // From here on a signal is not lost: it is trapped before the first script is loaded.
    let signals = await UnixSignalsSequence(
      trapping: .sigterm, .sigint, .sighup, .sigusr1, .sigusr2)
    try scheduler.start()
    let watching = Task { await obey(signals, scheduler) }
    let ending = settings.duration.map { duration in
      Task {
        try await Task.sleep(nanoseconds: UInt64(duration))
        await scheduler.stop()
      }
    }
    await scheduler.wait()
    watching.cancel()
    ending?.cancel()
  }

  private func obey(_ signals: UnixSignalsSequence, _ scheduler: Scheduler) async {
    var isStopping = false
    for await signal in signals {
      switch signal {
      case .sighup, .sigusr2: scheduler.reload()
      case .sigusr1: break
      default:
        if isStopping { Glibc.exit(1) }
        isStopping = true
        Task { await scheduler.stop() }
      }
    }
  }

  private func makeLogger(_ format: LogFormat) -> Logger {
    var logger = Logger(label: "moonwheel") { _ in
      switch format {
      case .json: JSONLogHandler(sink: .standardError)
      case .pretty: PrettyLogHandler(sink: .standardError)
      }
    }
    logger.logLevel = .debug
    return logger
  }
}
