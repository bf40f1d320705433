import JobStore
import Logging
import LuaRuntime
import Metrics
import MoonwheelModel
import SchedulerCore
import ScriptHost
import StandardModules
import Stdlib
import SystemCalls
import SystemZones
import Triggers
import WorkerPool

/// Makes the parts of one scheduler. They run on threads of their own, or in a simulation on the thread of its caller.
package struct Engine: Sendable {
  package let environment: ScriptEnvironment
  package let coreLock: CoreLock

  /// - Parameters:
  ///   - seed: the seed that the store has kept; the configuration's replaces it.
  ///   - simulation: gives the isolates their turns in virtual time; nil makes worker threads.
  ///   - onReport: gets each run that has ended, on its worker.
  /// - Throws: ``UnsafeLuaError`` if the linked Lua has known memory faults; an error if the zone is unknown, or if the
  ///   system refuses threads or descriptors.
  package init(
    _ configuration: Configuration, clock: any SchedulerClock, logger: Logger,
    logEvents: EventPattern?, store: any JobStore, seed: UInt64?,
    metrics: any MetricsFactory = NOOPMetricsHandler.instance,
    simulation: (queue: any TurnQueue, meter: InstructionMeter)? = nil,
    morePreludes: [[UInt8]] = [], onReport: (@Sendable (RunEnd) -> Void)? = nil
  ) throws {
    if let faults = LinkedLua.faults, !configuration.allowsUnsafeLua {
      throw UnsafeLuaError(version: LinkedLua.version, faults: faults)
    }
    let secrets = GivenSecrets()
    let logger = logger.masking(secrets)
    let store = SecretStore(store, secrets)
    let zones = SystemZones()
    let zone = try zones.zone(orDefault: configuration.timeZone)
    if configuration.hostMemory > 0 { LuaMemory.setCap(configuration.hostMemory) }
    let inbox = try Inbox()
    let coreLock = CoreLock(inbox: inbox)
    // A simulation steps the core itself after each turn, whatever the machine's time.
    let stepInline: @Sendable () -> Void = { if simulation == nil { coreLock.stepInline() } }
    let pool = try simulation?.queue ?? Self.threads(configuration, inbox, onWake: stepInline)
    let bus = EventBus(inbox: inbox, always: logEvents)
    // A simulation records events in its trace.
    let repeats =
      simulation == nil
      ? RepeatedLines(logger, clock: clock, zone: zone) { inbox.post(.callAt($0, $1)) } : nil
    let log = ScriptLog(
      logger: logger, logEvents: simulation == nil ? logEvents : nil, repeats: repeats,
      secrets: secrets)
    if let place = configuration.alarmPlace, simulation == nil {
      bus.setAlarms(
        Alarms(path: place, clock: clock, inbox: inbox, bus: bus, log: log),
        for: try EventPattern(Alarms.events.joined(separator: " | ")))
    }
    let writer =
      simulation == nil
      ? StoreWriter(
        store: store, inbox: inbox, bus: bus, log: log,
        metrics: StoreMetrics(store.isDurable ? metrics : NOOPMetricsHandler.instance)) : nil
    self.coreLock = coreLock
    let modules = configuration.selection.modules
    environment = ScriptEnvironment(
      configuration, clock: clock, zones: zones, zone: zone,
      seed: configuration.seed ?? seed ?? UInt64(bitPattern: clock.read().wall.nanoseconds),
      pool: pool, meter: simulation.map { .counted($0.meter) } ?? .machine, inbox: inbox, bus: bus,
      log: log, store: store, writer: writer,
      preludes: [Stdlib.prelude] + modules.map(\.lua).filter { !$0.isEmpty }
        + (simulation == nil ? [] : [Stdlib.simulation]) + morePreludes,
      functions: LuaAPI.functions
        + modules.flatMap { $0.hostFunctions(isSimulated: simulation != nil) }
        + (simulation == nil ? [] : LuaAPI.simulation),
      stepInline: stepInline, onReport: onReport)
    try StandardModules.add(to: environment)
  }

  private static func threads(
    _ configuration: Configuration, _ inbox: Inbox, onWake: @escaping @Sendable () -> Void
  ) throws -> WorkerPool {
    let workers = LuaWorkers(
      count: WorkerPool.capacity(workers: configuration.workers),
      signal: configuration.preemptionSignal)
    try workers.check()
    var hooks = workers.hooks
    let requestPreemption = hooks.requestPreemption
    hooks.requestPreemption = { worker, now in
      requestPreemption(worker, now)
      // The turn may be in a C call that cannot be preempted. Deliver what its script has posted so far.
      if inbox.flush() { inbox.alarm.wakeOne() }
    }
    return try WorkerPool(
      workers: configuration.workers, slice: configuration.slice.clampedNanoseconds, hooks: hooks,
      idleHook: WorkerPool.IdleHook(alarm: inbox.alarm, onWake: onWake))
  }
}
