import Glibc
import Logging
import Moonwheel
import SystemCalls
import Triggers
import WorkerPool

extension RunArguments {
  /// Nanoseconds that the reader of the log has at the end to read the rest.
  private static let logDrainTimeout: Int64 = 1_000_000_000

  /// Runs the host until it stops; blocks the calling thread.
  func run() throws { try reportErrors(serve) }

  private func serve() throws {
    var configuration = try configuration()
    let grants = try HostGrants(paths: configuration.servedPaths, grants)
    let prompt = PermissionPrompt(grants.book)
    configuration.permissions = grants.policy(prompt)
    configuration.selection.adoptsOrphans = true
    let format = try setting(.log)?.choice(LogFormat.self) ?? .pretty
    let store = try StoreLocation(values[.store], scripts: paths)
    // Until when the host runs; nil means until a signal.
    let end = setting(.duration)
    let duration = try end?.length()
    ignoreBrokenPipes()
    let logger = try format.hostLogger(drainTimeout: Self.logDrainTimeout)
    let scheduler: Scheduler
    do {
      scheduler = try store.open(configuration, logger)
    } catch let error as ScriptError {
      throw Failure("\(error)", code: 2)
    }
    // Block them before the first script loads, so that no signal is lost.
    let signals = SignalSet([SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2])
    signals.block()
    // Read from a descriptor where programs of scripts are run.
    SignalSet([SIGCHLD]).block()
    let grace = configuration.shutdownTimeout
    let manager = ServiceManager(logger: logger)
    let life = LifecycleLog(scheduler, logger)
    _ = try OSThread(name: "mw-signals") { Self.handle(signals, scheduler, logger, life, grace) }
    let deadline = duration.map { Clocks.monotonic().saturatingSum($0) }
    try scheduler.start()
    try prompt?.start(PermissionState(of: scheduler))
    scheduler.waitUntilLoaded()
    if scheduler.hasLoaded { life.started(store) }
    manager?.ready(scheduler.scriptCount == 1 ? "1 script" : "\(scheduler.scriptCount) scripts")
    scheduler.waitUntilStopping(until: deadline)
    if let end { life.stopping("\(end.name) \(end.text)") }
    manager?.stopping(grace: grace)
    scheduler.beginStop()
    scheduler.waitUntilStopped()
    life.stopped()
  }

  /// Handles signals until the process ends; on a thread of its own.
  private static func handle(
    _ signals: SignalSet, _ scheduler: Scheduler, _ logger: Logger, _ life: LifecycleLog,
    _ grace: Duration
  ) {
    var isStopping = false
    while true {
      let signal = signals.next()
      switch signal {
      case SIGHUP, SIGUSR2: scheduler.beginReload()
      case SIGUSR1: scheduler.logState()
      default:
        let name = signal == SIGINT ? "SIGINT" : "SIGTERM"
        if isStopping {
          life.stoppedAtOnce("a second signal, " + name)
          Glibc.exit(1)
        }
        isStopping = true
        life.stopping(name)
        let limit = DurationText.format(grace.clampedNanoseconds)
        logger.info(
          "stopping: runs that are under way have \(limit); a second signal stops at once",
          metadata: ["event": "scheduler.stopping"])
        scheduler.beginStop()
      }
    }
  }
}
