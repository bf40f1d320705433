import Logging
import MoonwheelModel
import SchedulerCore
import SchedulerEngine
import ScriptHost
import Triggers
import WorkerPool

/// One life of the host in a simulation: from a start to an outage. Belongs to the simulation's thread.
final class SimulatedHost {
  let environment: ScriptEnvironment
  let timekeeper: Timekeeper
  let catalog: ScriptCatalog
  private let turns: SimulatedTurns
  private var loop: TimekeeperLoop

  /// So many steps at one instant, and it is left unfinished: jobs that start each other would hold up time for ever. The
  /// next instant then has fewer.
  private static let mostSteps = 1_000
  private static let fewSteps = 10
  /// Whether nothing was left to be done at the last instant.
  private(set) var isQuiet = true

  init(
    _ configuration: Configuration, clock: VirtualClock, turns: SimulatedTurns,
    store: SimulatedStore, functions: [HostFunction], recorder: TraceRecorder,
    onReport: @escaping @Sendable (RunReport) -> Void
  ) throws {
    let stored = try store.load()
    let engine = try Engine(
      configuration, clock: clock, logger: recorder.logger, logEvents: EventPattern("**"),
      store: store, seed: stored.seed, simulation: (turns.queue, turns.meter),
      onReport: { report in
        recorder.record(report)
        onReport(report)
      })
    let environment = engine.environment
    environment.functions.withLock { $0 += functions }
    environment.bus.tap { recorder.record($0) }
    self.environment = environment
    self.turns = turns
    timekeeper = Timekeeper(
      environment, coreLock: engine.coreLock, resolution: Resolution(seconds: 0), stored: stored, makeLease: nil,
      onHostEvent: { event in
        recorder.record(event, script: environment.name(of: event.script))
        environment.publish(event)
      }, onClockStep: { environment.clockStepped($0) }, onStateRequest: { _ in }, onDrained: {})
    catalog = ScriptCatalog(environment: environment) {
      environment.bus.publish(Event(name: "scheduler.started"))
    }
    loop = TimekeeperLoop(timekeeper)
  }

  func start() throws(ScriptError) {
    try catalog.start()
    settle()
  }

  /// Does what is to be done at this instant; all of it, but for what would never end.
  func settle() {
    var left = isQuiet ? Self.mostSteps : Self.fewSteps
    repeat {
      loop.step()
      turns.queue.runAll()
      left -= 1
    } while !environment.inbox.isEmpty && left > 0
    isQuiet = environment.inbox.isEmpty
  }

  /// When something is due next, in nanoseconds of elapsed time.
  var nextDue: Int64? {
    let wake = turns.nextWake
    guard let due = loop.nextDue else { return wake }
    return min(due, wake ?? .max)
  }

  /// Ends as by a loss of power: nothing of what is under way is told.
  func stop() {
    catalog.stop()
    turns.forgetWakes()
    environment.bus.close()
    environment.store.close()
  }
}
