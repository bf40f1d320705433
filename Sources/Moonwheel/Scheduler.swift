import JobStore
import Logging
import LuaRuntime
import Metrics
import MoonwheelModel
import SchedulerCore
import SchedulerEngine
import ScriptHost
import ServiceLifecycle
import Synchronization
import SystemCalls
import Triggers
import WorkerPool

/// A scheduler of Lua scripts, to be embedded in a server.
///
///     let scheduler = try Scheduler(Configuration(paths: ["scripts"]))
///     try scheduler.register("greeting") { arguments in .string("hello") }
///     try await scheduler.run()
///
/// ``run()`` serves until the task's graceful shutdown, which lets runs end (at most the configured time), or until the
/// task is cancelled, which does not. One scheduler runs once.
public final class Scheduler: Service, Sendable {
  let environment: ScriptEnvironment
  let timekeeper: Timekeeper
  let catalog: ScriptCatalog
  private let life = Condition(Life())
  private let ended = Mutex<(isOver: Bool, waiting: [CheckedContinuation<Void, Never>])>(
    (false, []))

  private struct Life: Sendable {
    var isDrained = false
    var isStopping = false
    var isInterrupting = false
    var hasLoaded = false
    var isOver = false
  }

  /// Throws when a zone is unknown, or when the system refuses threads or descriptors. What is measured goes to `metrics`,
  /// by default to what the process has bootstrapped.
  public convenience init(
    _ configuration: Configuration, store: any JobStore = MemoryJobStore(),
    logger: Logger = Logger(label: "moonwheel"),
    metrics: any MetricsFactory = MetricsSystem.factory
  ) throws {
    try self.init(
      configuration, store: store, logger: logger, metrics: metrics, clock: SystemClock())
  }

  /// The same on another clock, for tests. Loads the store, and throws its ``StoreError`` when that is not possible.
  public convenience init(
    _ configuration: Configuration, store: any JobStore = MemoryJobStore(),
    logger: Logger = Logger(label: "moonwheel"),
    metrics: any MetricsFactory = MetricsSystem.factory, clock: any SchedulerClock
  ) throws {
    try self.init(
      configuration, store: store, logger: logger, metrics: metrics, clock: clock, onReport: nil)
  }

  /// `onReport` is told of each run that has ended, on its worker.
  init(
    _ configuration: Configuration, store: any JobStore, logger: Logger,
    metrics: any MetricsFactory = MetricsSystem.factory, clock: any SchedulerClock,
    onReport: (@Sendable (RunReport) -> Void)?
  ) throws {
    let pattern = try configuration.logEvents.map { try EventPattern($0) }
    let stored = try store.load()
    let engine = try Engine(
      configuration, clock: clock, logger: logger, logEvents: pattern, store: store,
      seed: stored.seed, metrics: metrics, onReport: onReport)
    let environment = engine.environment
    if stored.seed != environment.seed { environment.writer?.append([StoreWrite(.seed(environment.seed))]) }
    self.environment = environment
    let life = life
    timekeeper = Timekeeper(
      environment, coreLock: engine.coreLock, resolution: Resolution(seconds: configuration.resolution), stored: stored, makeLease: { LockedEventLease() },
      onHostEvent: { environment.publish($0) },
      onClockStep: { environment.clockStepped($0) }, onStateRequest: { environment.logState($0) },
      onDrained: {
        life.withLock { $0.isDrained = true }
        life.broadcast()
      })
    catalog = ScriptCatalog(environment: environment) {
      life.withLock { $0.hasLoaded = true }
      life.broadcast()
      environment.bus.publish(Event(name: "scheduler.started"))
    }
  }

  // MARK: Life

  /// Serves the scripts. Throws ``ScriptError`` when a path is not there or holds no script; scripts that do not load are
  /// logged and awaited.
  public func run() async throws {
    try start()
    await withTaskCancellationHandler {
      await withGracefulShutdownHandler {
        await wait()
      } onGracefulShutdown: {
        self.beginStop(interrupting: false)
      }
    } onCancel: {
      self.beginStop(interrupting: true)
    }
  }

  /// Begins to serve and returns; ``stop()`` ends it. For hosts without structured concurrency, and for tests.
  public func start() throws {
    try environment.writer?.start()
    try timekeeper.start()
    do {
      try catalog.start()
    } catch {
      beginStop(interrupting: true)
      throw error
    }
  }

  /// Lets runs end, at most the configured time, then stops. Any number of times, from any thread.
  public func stop() async {
    beginStop(interrupting: false)
    await wait()
  }

  /// Returns when the scheduler has stopped.
  public func wait() async {
    await withCheckedContinuation { continuation in
      let isOver = ended.withLock { ended in
        if !ended.isOver { ended.waiting.append(continuation) }
        return ended.isOver
      }
      if isOver { continuation.resume() }
    }
  }

  /// As ``stop()``, but returns at once. ``waitUntilStopped()`` waits for the end.
  public func beginStop() { beginStop(interrupting: false) }

  /// As ``wait()``, for a thread that may block.
  public func waitUntilStopped() { life.wait(while: { !$0.isOver }) }

  /// Blocks until the scheduler has stopped, at most for a time in nanoseconds, whatever its clock says. Returns whether it
  /// has.
  public func waitUntilStopped(atMost nanoseconds: Int64) -> Bool {
    let (deadline, overflow) = Clocks.monotonic().addingReportingOverflow(nanoseconds)
    return life.wait(until: overflow ? .max : deadline) { $0.isOver ? true : nil } ?? false
  }

  private func beginStop(interrupting interrupts: Bool) {
    let isFirst = life.withLock { life in
      life.isInterrupting = life.isInterrupting || interrupts
      defer { life.isStopping = true }
      return !life.isStopping
    }
    life.broadcast()
    guard isFirst else { return }
    environment.bus.publish(Event(name: "scheduler.stopping"))
    environment.inbox.post(.drain)
    do {
      _ = try OSThread(name: "mw-stop") { [self] in finishStop() }
    } catch {
      environment.log.logger.error("cannot stop in order: \(error)")
      signalEnd()
    }
  }

  private func finishStop() {
    let deadline = Clocks.monotonic() + Int64(environment.configuration.shutdownTimeout * 1e9)
    let isDrained =
      life.wait(until: deadline) { $0.isDrained || $0.isInterrupting ? $0.isDrained : nil } ?? false
    catalog.stop()
    if !isDrained { interruptRuns() }
    if !environment.pool.stop(until: Clocks.monotonic() + Self.turnTime) {
      environment.log.logger.error(
        "stopped although a turn has not ended: a function of the host does not return, or the machine is overloaded"
      )
    }
    timekeeper.stop()
    environment.writer?.stop()
    environment.store.close()
    signalEnd()
  }

  /// Ends what has not ended by itself: each run is interrupted, and recorded as cancelled.
  private func interruptRuns() {
    environment.log.logger.warning("the host stops: runs that have not ended are interrupted")
    environment.inbox.post(.cancelAll("the host stops"))
    let deadline = Clocks.monotonic() + Self.interruptTime
    let isDrained = life.wait(until: deadline) { $0.isDrained ? true : nil } ?? false
    if !isDrained {
      environment.log.logger.warning("stopped before all runs had ended")
    }
  }

  /// For the interrupt, the drop and the eviction of what runs; and for the turns that are under way then. A stop takes no more
  /// than a second beyond its timeout.
  private static let interruptTime: Int64 = 600_000_000
  private static let turnTime: Int64 = 250_000_000

  private func signalEnd() {
    environment.bus.close()
    let waiting = ended.withLock { ended in
      ended.isOver = true
      defer { ended.waiting = [] }
      return ended.waiting
    }
    for continuation in waiting { continuation.resume() }
    life.withLock { $0.isOver = true }
    life.broadcast()
  }

  /// Loads every script anew, changed or not. Each is a transaction of its own; returns at once.
  public func reload() { catalog.reloadAll() }

  /// Logs what is going on: jobs, queues, and the runs under way with where they are in their scripts. Returns at once.
  public func logState() { environment.inbox.post(.logState) }

  /// How many scripts are served.
  public var scriptCount: Int { catalog.count }

  /// Blocks until the scripts that were there at the start have been tried, successful or not.
  public func waitUntilLoaded() { life.wait(while: { !$0.hasLoaded && !$0.isStopping }) }
}
