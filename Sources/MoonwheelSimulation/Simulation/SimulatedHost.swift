import Logging
import MoonwheelModel
import SchedulerCore
import SchedulerEngine
import ScriptHost
import Triggers
import WorkerPool

/// The host in a simulation, from one start to the next outage. Only the simulation's thread uses it.
final class SimulatedHost {
  let environment: ScriptEnvironment
  let timekeeper: Timekeeper
  let catalog: ScriptCatalog
  private let turns: SimulatedTurns
  private let coreLock: CoreLock

  /// The limit of steps at one instant. Without it, jobs that start each other would stop virtual time for ever.
  private static let stepLimit = 1_000
  /// The limit at an instant that follows an unfinished one.
  private static let reducedStepLimit = 10
  /// Whether everything was done at the last instant.
  private(set) var isFinished = true

  init(
    _ configuration: Configuration, clock: VirtualClock, turns: SimulatedTurns,
    store: SimulatedStore, functions: [HostFunction], recorder: TraceRecorder,
    onReport: @escaping @Sendable (RunEnd) -> Void
  ) throws {
    var stored = try store.load()
    let engine = try Engine(
      configuration, clock: clock, logger: recorder.logger, logEvents: EventPattern("**"),
      store: store, seed: stored.seed, simulation: (turns.queue, turns.meter),
      onReport: { report in
        recorder.record(report)
        onReport(report)
      })
    let environment = engine.environment
    environment.countMemory(of: &stored)
    environment.functions.add(functions)
    environment.bus.tap { recorder.record($0) }
    self.environment = environment
    self.turns = turns
    timekeeper = Timekeeper(
      environment, coreLock: engine.coreLock, resolution: Resolution(.zero), stored: stored,
      onHostEvent: { event in
        recorder.record(event, script: environment.name(of: event.script))
        environment.publish(event)
      }, onClockStep: { environment.clockStepped($0) },
      onPing: { ping, _ in recorder.record(ping, script: environment.name(of: ping.script)) },
      onStateRequest: { _ in }, onDrained: {})
    catalog = ScriptCatalog(environment: environment) {
      environment.bus.publish(Event(name: "scheduler.started"))
    }
    coreLock = engine.coreLock
    timekeeper.prepare()
  }

  func start() throws(ScriptError) {
    try catalog.start()
    finishInstant()
  }

  /// Does everything that is due at this instant and what follows from it, up to the limit of steps and the budget.
  func finishInstant() {
    var left = isFinished ? Self.stepLimit : Self.reducedStepLimit
    repeat {
      let next = timekeeper.pump()
      let isIdle = turns.runAll()
      left -= 1
      isFinished = isIdle && next != .more && environment.inbox.isEmpty
    } while !isFinished && left > 0 && !turns.budget.isSpent
  }

  /// The elapsed time in nanoseconds at which something is due next; nil if nothing is.
  var nextDue: Int64? {
    let wake = turns.nextWake
    guard let due = coreLock.nextDue else { return wake }
    return min(due, wake ?? .max)
  }

  /// Ends the host as a loss of power does: nothing reports the runs under way.
  func stop() {
    catalog.stop()
    turns.forgetWakes()
    environment.bus.close()
    environment.store.close()
    coreLock.close()
  }
}
