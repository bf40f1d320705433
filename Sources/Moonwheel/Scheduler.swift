import JobStore
import Logging
import LuaRuntime
import Metrics
import MoonwheelModel
import SchedulerCore
import SchedulerEngine
import ScriptHost
import ServiceLifecycle
import SystemCalls
import Triggers
import WorkerPool

/// A scheduler of Lua scripts that a Swift program embeds.
///
///     let scheduler = try Scheduler(Configuration(paths: ["scripts"]))
///     try scheduler.register("greeting") { arguments in .string("hello") }
///     try await scheduler.run()
///
/// ``run()`` serves until the task's graceful shutdown, which lets runs end within the configured time, or until the
/// task is cancelled, which interrupts them. A scheduler runs only once.
public final class Scheduler: Service, Sendable {
  let environment: ScriptEnvironment
  let timekeeper: Timekeeper
  let catalog: ScriptCatalog
  private let life = Condition(LifeState())
  /// What an earlier host has left to do after its runs.
  private let leftovers: [AfterRunRequest]

  private struct LifeState: Sendable {
    var isStarted = false
    var isDrained = false
    var isStopping = false
    var isInterrupting = false
    var hasLoaded = false
    var isOver = false
    /// To be called when the scripts have loaded that were there at the start.
    var loadWaiters: [@Sendable () -> Void] = []
    /// The tasks that wait for something, at the latest for the end.
    var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var lastWaiter: UInt64 = 0
  }

  /// Makes a scheduler, and loads the store.
  ///
  /// - Parameters:
  ///   - configuration: the scripts and the bounds.
  ///   - store: keeps promises, pauses and history; it belongs to this scheduler alone.
  ///   - logger: gets what scripts print and log, and what the scheduler has to say. Its handler must not block.
  ///   - metrics: gets the measurements; by default the factory that the process has bootstrapped.
  /// - Throws: the ``StoreError`` of a store that cannot be loaded; ``ScriptError`` if the time zone is unknown;
  ///   ``UnsafeLuaError``; ``SystemCallError`` if the system refuses threads or descriptors.
  public convenience init(
    _ configuration: Configuration, store: Store = .memory,
    logger: Logger = Logger(label: "moonwheel"),
    metrics: any MetricsFactory = MetricsSystem.factory
  ) throws {
    do {
      try self.init(configuration, store: store.make(), logger: logger, metrics: metrics)
    } catch let error as TriggerError {
      throw ScriptError(.unknown, script: "", "\(error)")
    }
  }

  package convenience init(
    _ configuration: Configuration, store: any JobStore,
    logger: Logger = Logger(label: "moonwheel"), metrics: any MetricsFactory = MetricsSystem.factory
  ) throws {
    try self.init(
      configuration, store: store, logger: logger, metrics: metrics, clock: SystemClock())
  }

  /// With another clock, for tests.
  package convenience init(
    _ configuration: Configuration, store: any JobStore = MemoryJobStore(),
    logger: Logger = Logger(label: "moonwheel"),
    metrics: any MetricsFactory = MetricsSystem.factory, clock: any SchedulerClock
  ) throws {
    try self.init(
      configuration, store: store, logger: logger, metrics: metrics, clock: clock, onReport: nil)
  }

  /// `onReport` gets each run that has ended, on its worker; `recorder` what the core is given.
  init(
    _ configuration: Configuration, store: any JobStore, logger: Logger,
    metrics: any MetricsFactory = MetricsSystem.factory, clock: any SchedulerClock,
    onReport: (@Sendable (RunEnd) -> Void)?, recorder: (any CoreRecorder)? = nil
  ) throws {
    let pattern = try configuration.logEvents.map { try EventPattern($0) }
    var stored = try store.load()
    let engine = try Engine(
      configuration, clock: clock, logger: logger, logEvents: pattern, store: store,
      seed: stored.seed, metrics: metrics, onReport: onReport)
    let environment = engine.environment
    environment.countMemory(of: &stored)
    if store.isDurable, stored.seed != environment.seed {
      environment.writer?.append([StoreWrite(.seed(environment.seed))])
    }
    self.environment = environment
    leftovers = stored.afterRuns
    let life = life
    catalog = ScriptCatalog(environment: environment) {
      let waiters = life.withLock { life in
        life.hasLoaded = true
        defer { life.loadWaiters = [] }
        return life.loadWaiters
      }
      life.broadcast()
      for waiter in waiters { waiter() }
      environment.bus.publish(Event(name: "scheduler.started"))
    }
    timekeeper = Timekeeper(
      environment, coreLock: engine.coreLock,
      resolution: Resolution(configuration.resolution), stored: stored,
      recorder: recorder, onHostEvent: { environment.publish($0) },
      onClockStep: { environment.clockStepped($0) },
      onKept: { [catalog] in
        if $0.heir != nil || !catalog.exists($0.script) { environment.tell($0) }
      },
      onPing: { environment.send($0, allowedBy: $1) },
      onStateRequest: { environment.logState($0) },
      onDrained: {
        life.withLock { $0.isDrained = true }
        life.broadcast()
      })
  }

  // MARK: Life

  /// Serves the scripts. Throws ``ScriptError`` if a path is missing, or has no script and is not watched. A script that
  /// does not load is logged, and loaded when it changes.
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

  /// Begins to serve and returns; ``stop()`` ends that. For programs without structured concurrency, and for tests.
  ///
  /// Throws as ``run()`` does, and ``JobError`` with the code `notRunning` if the scheduler has started before, or has
  /// stopped.
  public func start() throws {
    let mayStart = life.withLock { life in
      defer { life.isStarted = true }
      return !life.isStarted && !life.isStopping
    }
    guard mayStart else {
      throw JobError(.notRunning, "a scheduler runs only once: make a new one to start again")
    }
    environment.functions.start()
    try environment.writer?.start()
    try timekeeper.start()
    RunLeftovers.resume(leftovers, in: environment)
    do {
      try catalog.start()
    } catch {
      beginStop(interrupting: true)
      throw error
    }
  }

  /// Lets runs end within the configured time, then stops. Any number of calls, any thread.
  public func stop() async {
    beginStop(interrupting: false)
    await wait()
  }

  /// Returns when the scheduler has stopped.
  public func wait() async { await waitUntilCalled { _ in } }

  /// Waits until `begin` has called what it is given, or the scheduler has stopped.
  func waitUntilCalled(_ begin: (@escaping @Sendable () -> Void) -> Void) async {
    await withCheckedContinuation { continuation in
      let number = life.withLock { life -> UInt64? in
        guard !life.isOver else { return nil }
        life.lastWaiter += 1
        life.waiting[life.lastWaiter] = continuation
        return life.lastWaiter
      }
      guard let number else { return continuation.resume() }
      begin { [life] in
        life.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
      }
    }
  }

  /// Begins to stop as ``stop()`` does, and returns at once. ``waitUntilStopped()`` waits for the end.
  public func beginStop() { beginStop(interrupting: false) }

  /// Blocks the calling thread until the scheduler has stopped.
  public func waitUntilStopped() { life.wait(while: { !$0.isOver }) }

  /// Blocks the calling thread until the scheduler has stopped, for this many nanoseconds of real time at most. Returns
  /// whether it has stopped.
  public func waitUntilStopped(atMost nanoseconds: Int64) -> Bool {
    let deadline = Clocks.monotonic().saturatingSum(nanoseconds)
    return life.wait(until: deadline) { $0.isOver ? true : nil } ?? false
  }

  /// Blocks the calling thread until a stop begins, or until this time of the machine's monotonic clock.
  package func waitUntilStopping(until deadline: Int64?) {
    guard let deadline else { return life.wait(while: { !$0.isStopping }) }
    _ = life.wait(until: deadline) { $0.isStopping ? true : nil }
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
    environment.bus.alarms?.flush()
    environment.inbox.post(.drain)
    do {
      _ = try OSThread(name: "mw-stop") { [self] in finishStop() }
    } catch {
      environment.log.logger.error(
        "the host stops without waiting for its runs, since it gets no thread for that: \(error)")
      signalEnd()
    }
  }

  private func finishStop() {
    let deadline = Clocks.monotonic().saturatingSum(
      environment.configuration.shutdownTimeout.clampedNanoseconds)
    catalog.stop()  // scripts that have not loaded yet stay away, and files that change now
    // One that has not started has no runs.
    let isDrained =
      life.wait(until: deadline) {
        $0.isDrained || $0.isInterrupting || !$0.isStarted ? $0.isDrained || !$0.isStarted : nil
      } ?? false
    if !isDrained { interruptRuns() }
    if !environment.pool.stop(until: Clocks.monotonic() + Self.turnTime) {
      environment.log.logger.error(
        "the host stops although a callback is still computing: a function of the host does not return, or the machine is overloaded"
      )
    }
    let isHurried = life.withLock { $0.isInterrupting }
    RunLeftovers.end(in: environment, until: isHurried ? 0 : deadline)
    environment.functions.stop(until: max(deadline, Clocks.monotonic() + Self.turnTime))
    timekeeper.stop()
    environment.writer?.stop()
    environment.store.close()
    environment.log.logSums()
    environment.bus.alarms?.close()
    signalEnd()
  }

  /// Interrupts the runs that have not ended. They are recorded as cancelled.
  private func interruptRuns() {
    environment.log.logger.warning("the host stops: runs that have not ended are interrupted")
    environment.inbox.post(.cancelAll("the host stops"))
    let deadline = Clocks.monotonic() + Self.interruptTime
    let isDrained = life.wait(until: deadline) { $0.isDrained ? true : nil } ?? false
    if !isDrained {
      environment.log.logger.warning("the host stops before all interrupted runs have ended")
    }
  }

  /// Nanoseconds in which runs are interrupted, dropped or evicted. With ``turnTime`` and the moment that
  /// ``RunLeftovers`` take, a stop takes at most a second beyond its timeout.
  private static let interruptTime: Int64 = 600_000_000
  /// Nanoseconds in which the turns that are under way then must end.
  private static let turnTime: Int64 = 250_000_000

  private func signalEnd() {
    environment.bus.close()
    let waiting = life.withLock { life in
      life.isOver = true
      defer { life.waiting = [:] }
      return life.waiting
    }
    life.broadcast()
    for continuation in waiting.values { continuation.resume() }
  }

  /// Waits until every script that was there at the start has loaded or failed, and before that for the start. Throws if
  /// the scheduler stops.
  func waitUntilServing() async throws(JobError) {
    await waitUntilCalled { begin in
      let hasLoaded = life.withLock { life in
        if !life.hasLoaded { life.loadWaiters.append(begin) }
        return life.hasLoaded
      }
      if hasLoaded { begin() }
    }
    guard !life.withLock({ $0.isStopping }) else { throw Self.notRunning }
  }

  /// Begins to reload as ``reload()`` does, and returns at once.
  package func beginReload() { catalog.reloadAll() }

  /// Logs the state of jobs and queues, and for each run under way its place in the script. Returns at once.
  public func logState() { environment.inbox.post(.logState) }

  /// How many scripts the scheduler serves.
  public var scriptCount: Int { catalog.count }

  /// Whether every script that was there at the start has loaded or failed, before a stop began.
  package var hasLoaded: Bool { life.withLock { $0.hasLoaded } }

  /// Blocks until every script that was there at the start has loaded or failed.
  public func waitUntilLoaded() { life.wait(while: { !$0.hasLoaded && !$0.isStopping }) }
}
