import Glibc
import Logging
import Moonwheel
import Synchronization
import WorkerPool

/// The arguments of `run` as the user wrote them, and what `run` does with them.
struct RunArguments: Equatable {
  var paths: [String] = []
  var values: [RunOption: String] = [:]
  var noWatch = false
  var allowsUnsafeLua = environmentFlag("ALLOW_UNSAFE_LUA")

  func run() throws { try reportErrors { try serve(try settings()) } }

  private func setting(_ option: RunOption) -> Setting? {
    Setting(option.rawValue, values[option])
  }

  /// Nanoseconds that the reader of the log has at the end to take the rest of it.
  private static let logPatience: Int64 = 1_000_000_000

  private struct Settings {
    var configuration: Configuration
    var format: LogFormat
    var store: StoreLocation
    var duration: Int64?
  }

  private func settings() throws(Failure) -> Settings {
    var configuration = try ScriptOptions.configuration(
      paths, values[.timeZone], allowsUnsafeLua: allowsUnsafeLua)
    configuration.watches = !(noWatch || environmentFlag("NO_WATCH"))
    if let pattern = try setting(.logEvents)?.pattern() {
      configuration.logEvents = pattern
    }
    if let workers = try setting(.workers)?.integer(in: 1...1024) {
      configuration.workers = workers
    }
    if let slice = try setting(.slice)?.length(in: 100_000...1_000_000_000) {
      configuration.slice = Double(slice) / 1e9
    }
    if let length = try setting(.stuckAfter)?.length() {
      configuration.stuckAfter = .nanoseconds(length)
    }
    if let memory = try setting(.memory)?.bytes(atLeast: 1 << 20) {
      configuration.hostMemory = memory
    }
    if let timeout = try setting(.shutdownTimeout)?.length() {
      configuration.shutdownTimeout = Double(timeout) / 1e9
    }
    return Settings(
      configuration: configuration,
      format: try setting(.log)?.choice(LogFormat.self) ?? .pretty,
      store: try StoreLocation(values[.store], scripts: paths),
      duration: try setting(.duration)?.length())
  }

  private func serve(_ settings: Settings) throws {
    ignoreBrokenPipes()
    let logger = try settings.format.hostLogger(patience: Self.logPatience)
    let scheduler: Scheduler
    do {
      scheduler = try settings.store.open(settings.configuration, logger)
    } catch let error as ScriptError {
      throw Failure(message: "moonwheel: \(error)", code: 2)
    }
    // Held before the first script loads, so that no signal from here on is lost.
    let signals = SignalSet([SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2])
    signals.hold()
    let grace = settings.configuration.shutdownTimeout
    _ = try OSThread(name: "mw-signals") { Self.handle(signals, scheduler, logger, grace) }
    try scheduler.start()
    if let duration = settings.duration, !scheduler.waitUntilStopped(atMost: duration) {
      scheduler.beginStop()
    }
    scheduler.waitUntilStopped()
  }

  /// Handles signals until the process ends; on a thread of its own.
  private static func handle(
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
