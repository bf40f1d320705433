import Glibc
import Logging
import Moonwheel
import Synchronization
import SystemCalls
import WorkerPool

/// What `run` is told, as the user wrote it, and what it does then.
struct RunArguments: Equatable {
  var paths: [String] = []
  var timeZone: String?
  var store: String?
  var noWatch = false
  var allowsUnsafeLua = environmentFlag("ALLOW_UNSAFE_LUA")
  var workers: String?
  var slice: String?
  var stuckAfter: String?
  var memory: String?
  var log: String?
  var shutdownTimeout: String?
  var duration: String?
  var logEvents: String?

  func run() throws {
    do {
      try serve(try settings())
    } catch let failure as Failure {
      throw failure.report()
    } catch let error as ScriptError {
      throw Failure(message: "moonwheel: \(error)").report()
    } catch {
      throw Failure(message: "moonwheel: \(error)", code: 2).report()
    }
  }

  /// How long the reader of the log may take at the end for what is left of it, in nanoseconds.
  private static let logPatience: Int64 = 1_000_000_000

  private struct Settings {
    var configuration: Configuration
    var format: LogFormat
    var store: StoreLocation
    var duration: Int64?
  }

  private func settings() throws(Failure) -> Settings {
    var configuration = try ScriptOptions.configuration(
      paths, timeZone, allowsUnsafeLua: allowsUnsafeLua)
    configuration.watches = !(noWatch || environmentFlag("NO_WATCH"))
    if let pattern = try Setting("log-events", logEvents)?.pattern() {
      configuration.logEvents = pattern
    }
    if let workers = try Setting("workers", workers)?.integer(in: 1...1024) {
      configuration.workers = workers
    }
    if let slice = try Setting("slice", slice)?.length(in: 100_000...1_000_000_000) {
      configuration.slice = Double(slice) / 1e9
    }
    if let length = try Setting("stuck-after", stuckAfter)?.length() {
      configuration.stuckAfter = .nanoseconds(length)
    }
    if let memory = try Setting("memory", memory)?.bytes(atLeast: 1 << 20) {
      configuration.hostMemory = memory
    }
    if let timeout = try Setting("shutdown-timeout", shutdownTimeout)?.length() {
      configuration.shutdownTimeout = Double(timeout) / 1e9
    }
    return Settings(
      configuration: configuration,
      format: try Setting("log", log)?.choice(LogFormat.self) ?? .pretty,
      store: try StoreLocation(store, scripts: paths),
      duration: try Setting("for", duration)?.length())
  }

  private func serve(_ settings: Settings) throws {
    ignoreBrokenPipes()
    let logger = try settings.format.hostLogger(patience: Self.logPatience)
    let scheduler: Scheduler
    do {
      scheduler = try settings.store.open(settings.configuration, logger)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(message: "moonwheel: \(error)", code: 2)
    }
    // From here on a signal is not lost: it is held before the first script is loaded.
    let signals = SignalSet([SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2])
    signals.block()
    let grace = settings.configuration.shutdownTimeout
    _ = try OSThread(name: "mw-signals") { Self.obey(signals, scheduler, logger, grace) }
    try scheduler.start()
    if let duration = settings.duration, !scheduler.waitUntilStopped(atMost: duration) {
      scheduler.beginStop()
    }
    scheduler.waitUntilStopped()
  }

  /// Does what signals say, until the process ends.
  private static func obey(
    _ signals: SignalSet, _ scheduler: Scheduler, _ logger: Logger, _ grace: Double
  ) {
    var isStopping = false
    while true {
      switch signals.next() {
      case SIGHUP, SIGUSR2: scheduler.reload()
      case SIGUSR1: scheduler.logState()
      default:
        if isStopping { Glibc.exit(1) }
        isStopping = true
        let limit = DurationText.format(Int64(grace * 1e9))
        logger.info(
          "stopping: runs that are under way have \(limit); the same signal again stops at once",
          metadata: ["event": "scheduler.stopping"])
        scheduler.beginStop()
      }
    }
  }
}
