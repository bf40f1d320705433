import JobStore
import Logging
import LuaRuntime
import Metrics
import MoonwheelModel
import SchedulerCore
import Stdlib
import Synchronization
import Triggers
import WorkerPool

/// What the parts of a scheduler share.
final class Engine: Sendable {
  let configuration: Configuration
  let clock: any SchedulerClock
  let zones: SystemZones
  let zone: Zone
  /// What `~` and random gaps are drawn from.
  let seed: UInt64
  let pool: any TurnQueue
  let meter: RunMeter
  /// Whether runs that are given nothing may be started one after the other.
  let startsBatches: Bool
  /// In nanoseconds: see ``Configuration/stuckAfter``.
  let stuckAfter: Int64
  /// Isolates that are not yet let go.
  let liveIsolates = Atomic<Int>(0)
  private let pausedScripts = Mutex<Set<ScriptID>>([])
  let inbox: Inbox
  let coreLock: CoreLock
  let bus: EventBus
  let log: ScriptLog
  let store: any JobStore
  /// Of a durable store; another is written at once.
  let writer: StoreWriter?
  let preludes: [[UInt8]]
  private let nextGeneration = Atomic<UInt32>(1)
  /// By their ids, which count from 1.
  private let scriptNames = Mutex<[String]>([])
  let functions: Mutex<[HostFunction]>
  /// Told of each run that has ended, on its worker; nil for most hosts.
  let onReport: (@Sendable (RunReport) -> Void)?

  /// `simulation` has the turns in virtual time; nil is on threads of its own.
  init(
    _ configuration: Configuration, clock: any SchedulerClock, logger: Logger,
    logEvents: EventPattern?, store: any JobStore, seed stored: UInt64?,
    metrics: any MetricsFactory = NOOPMetricsHandler.instance,
    simulation: SimulatedTurns? = nil, morePreludes: [[UInt8]] = [],
    onReport: (@Sendable (RunReport) -> Void)? = nil
  ) throws {
    if let faults = LinkedLua.faults, !configuration.allowsUnsafeLua {
      throw UnsafeLuaError(version: LinkedLua.version, faults: faults)
    }
    self.onReport = onReport
    self.configuration = configuration
    self.clock = clock
    let zones = SystemZones()
    self.zones = zones
    zone = try configuration.timeZone.map { try zones.zone(named: $0) } ?? zones.systemDefault()
    seed = configuration.seed ?? stored ?? UInt64(bitPattern: clock.read().wall.nanoseconds)
    meter = simulation.map { .counted($0.meter) } ?? .machine
    stuckAfter = configuration.stuckAfter.clampedNanoseconds
    startsBatches = simulation == nil && clock.isRealTime
    if configuration.hostMemory > 0 { LuaMemory.setCap(configuration.hostMemory) }
    inbox = try Inbox()
    let isShared = simulation == nil && clock.isRealTime
    let coreLock = CoreLock(inbox: inbox, isShared: isShared)
    self.coreLock = coreLock
    let idleHook = WorkerPool.IdleHook(alarm: inbox.alarm) { coreLock.stepInline(for: .everything) }
    pool =
      try simulation?.queue
      ?? Self.threads(configuration, inbox, idleHook: isShared ? idleHook : nil)
    bus = EventBus(inbox: inbox, always: logEvents)
    // A simulation has its trace for them.
    log = ScriptLog(logger: logger, logEvents: simulation == nil ? logEvents : nil)
    self.store = store
    writer =
      store.isDurable && simulation == nil
      ? StoreWriter(
        store: store, inbox: inbox, bus: bus, log: log, metrics: StoreMetrics(metrics)) : nil
    preludes =
      [Stdlib.prelude] + (simulation == nil ? [] : [Stdlib.simulation]) + morePreludes
    functions = Mutex(LuaAPI.functions + (simulation == nil ? [] : LuaAPI.simulation))
  }

  private static func threads(
    _ configuration: Configuration, _ inbox: Inbox, idleHook: WorkerPool.IdleHook?
  ) throws -> WorkerPool {
    let workers = LuaWorkers(
      count: WorkerPool.capacity(workers: configuration.workers),
      signal: configuration.preemptionSignal)
    try workers.check()
    var hooks = workers.hooks
    let requestPreemption = hooks.requestPreemption
    hooks.requestPreemption = { worker, now in
      requestPreemption(worker, now)
      // What its script has told before does not wait for the end of a call that cannot be left.
      if inbox.flushDeferred() { inbox.alarm.wakeOne() }
    }
    return try WorkerPool(
      workers: configuration.workers, slice: Int64(configuration.slice * 1e9), hooks: hooks,
      idleHook: idleHook)
  }

  /// Whether time is virtual, and scripts are to do the same on every machine.
  var isSimulated: Bool { if case .counted = meter { true } else { false } }

  /// Whether runs end at once, without entering Lua.
  var isDry: Bool { isSimulated && configuration.isDry }

  func newGeneration() -> GenerationID {
    GenerationID(rawValue: nextGeneration.wrappingAdd(1, ordering: .relaxed).oldValue)
  }

  func newScript(named name: String) -> ScriptID {
    scriptNames.withLock { names in
      names.append(name)
      return ScriptID(rawValue: Int32(names.count))
    }
  }

  func name(of script: ScriptID) -> String {
    scriptNames.withLock { names in
      let place = Int(script.rawValue) - 1
      return names.indices.contains(place) ? names[place] : ""
    }
  }

  /// Elapsed time after a while from now; the far end of time if that is beyond it.
  func deadline(in nanoseconds: Int64) -> Int64 {
    clock.elapsed.saturatingSum(nanoseconds)
  }

  func isolate(for script: ScriptID, _ source: ScriptSource) -> ScriptIsolate {
    ScriptIsolate(
      generation: newGeneration(), script: script, source: source, engine: self,
      functions: functions.withLock { $0 })
  }

  /// Stops a script that cannot be kept running, until it is changed or resumed.
  func pause(_ script: ScriptID, name: String, reason: String) {
    _ = pausedScripts.withLock { $0.insert(script) }
    inbox.post(.pauseScript(script, true, reason: reason))
    log.paused(name, reason: reason)
    bus.publish(
      Event(name: "script.paused", payload: ["script": .string(name), "reason": .string(reason)]))
  }

  /// Whether ``pause(_:name:reason:)`` stopped it.
  func isPaused(_ script: ScriptID) -> Bool { pausedScripts.withLock { $0.contains(script) } }

  /// Lets a script go on that ``pause(_:name:reason:)`` stopped; whether it was.
  @discardableResult
  func resume(_ script: ScriptID, reason: String) -> Bool {
    guard pausedScripts.withLock({ $0.remove(script) }) != nil else { return false }
    inbox.post(.pauseScript(script, false, reason: reason))
    return true
  }

  /// Tells everybody that the wall clock was set.
  func clockStepped(_ step: ClockStep) {
    let direction = step.by > 0 ? "forward" : "back"
    // What is finer is the time that it takes to read two clocks.
    let milliseconds = (step.by.magnitude + 500_000) / 1_000_000
    let length = DurationText.format(Int64(milliseconds) * 1_000_000)
    let payload: Value = ["by": .number(Double(step.by) / 1e9)]
    log.logger.warning(
      step.wasDown
        ? "the store is ahead of the clock by \(length): the clock was set back while no host ran, or was wrong before; nothing later than now counts as handled"
        : "the wall clock was set \(direction) by \(length)",
      metadata: ["event": "scheduler.clock_stepped", "payload": payload.metadata])
    bus.publish(Event(name: "scheduler.clock_stepped", payload: payload))
  }

  /// Tells scripts and embedders what happened, and the log what it was asked to log.
  func publish(_ event: HostEvent) {
    let script = name(of: event.script)
    log.host(event, script: script)
    guard bus.hasAudience(for: event.kind) else { return }
    let isChained = Int(event.depth) < configuration.eventDepth
    let told = Event(
      name: event.kind.name, payload: event.payload(script: script),
      depth: event.depth == .max ? .max : event.depth + 1)
    bus.publish(told, toScripts: !event.isAboutHostHandler && isChained)
  }
}

extension HostEvent {
  func payload(script: String) -> Value {
    var fields: [Value: Value] = ["script": .string(script)]
    if !job.isEmpty { fields["job"] = .string(job) }
    if let run { fields["run"] = .string(run.description) }
    if let scheduledAt { fields["scheduled_at"] = .number(Double(scheduledAt.nanoseconds) / 1e9) }
    if count != 1 { fields["count"] = .integer(count) }
    if let reason { fields["reason"] = .string(reason) }
    if let failure {
      fields["error"] = .string(failure.message)
      if !failure.data.isNil { fields["data"] = failure.data }
    }
    return .table(fields)
  }
}
