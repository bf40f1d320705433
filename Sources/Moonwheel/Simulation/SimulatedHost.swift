import Logging
import MoonwheelCore
import Triggers
import WorkerPool

/// One life of the host in a simulation: from a start to an outage. Belongs to the simulation's thread.
final class SimulatedHost {
  let engine: Engine
  let timekeeper: Timekeeper
  let catalog: ScriptCatalog
  private let turns: SimulatedTurns
  private let clock: VirtualClock
  private var loop: TimekeeperLoop

  /// After so many steps at one instant, the clock moves on by ``breath`` with every tenth: else jobs that start each other
  /// would hold up time for ever.
  private static let stepsAtOnce = 1_000
  private static let breath: Int64 = 1_000_000

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
    self.clock = clock
    self.turns = turns
    timekeeper = Timekeeper(
      clock: clock, inbox: engine.inbox, bus: engine.bus, pool: engine.pool, store: store,
      writer: nil, stored: stored,
      onHostEvent: { event in
        recorder.record(event, script: engine.name(of: event.script))
        engine.publish(event)
      }, onClockStep: { engine.clockStepped(by: $0) }, onQuestion: { _ in }, onDrained: {})
    catalog = ScriptCatalog(engine: engine) {
      engine.bus.publish(Event(name: "scheduler.started"))
    }
    loop = TimekeeperLoop(timekeeper)
  }

  func start() throws(ScriptError) {
    try catalog.start()
    settle()
  }

  /// Does all that is to be done at this instant.
  func settle() {
    var steps = 0
    repeat {
      loop.step()
      turns.queue.runAll()
      steps += 1
      if steps > Self.stepsAtOnce, steps % 10 == 0 {
        clock.advance(to: clock.read().elapsed + Self.breath)
      }
    } while !engine.inbox.isEmpty
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
