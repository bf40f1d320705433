import Logging
import MoonwheelModel
import SchedulerCore
import Triggers
import WorkerPool

/// One life of the host in a simulation: from a start to an outage. Belongs to the simulation's thread.
final class SimulatedHost {
  let engine: Engine
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
      store: store, seed: stored.seed, simulation: turns,
      onReport: { report in
        recorder.record(report)
        onReport(report)
      })
    engine.functions.withLock { $0 += functions }
    engine.bus.tap { recorder.record($0) }
    self.engine = engine
    self.turns = turns
    timekeeper = Timekeeper(
      clock: clock, resolution: Resolution(seconds: 0), inbox: engine.inbox,
      coreLock: engine.coreLock, bus: engine.bus, pool: engine.pool, store: store, writer: nil,
      stored: stored, makeLease: nil,
      onHostEvent: { event in
        recorder.record(event, script: engine.name(of: event.script))
        engine.publish(event)
      }, onClockStep: { engine.clockStepped($0) }, onStateRequest: { _ in }, onDrained: {})
    catalog = ScriptCatalog(engine: engine) {
      engine.bus.publish(Event(name: "scheduler.started"))
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
    } while !engine.inbox.isEmpty && left > 0
    isQuiet = engine.inbox.isEmpty
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
    engine.bus.close()
    engine.store.close()
  }
}
