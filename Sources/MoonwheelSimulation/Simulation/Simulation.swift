import MoonwheelModel
import ScriptHost
import Synchronization
import SystemZones
import Triggers
import WorkerPool

/// Scripts in virtual time: the real scripts on the real core, on a clock that jumps from one instant at which something is
/// due to the next. The same scripts, times and seed do the same on every machine.
///
///     let simulation = try Simulation(Configuration(paths: ["scripts"]), from: start) { print($0) }
///     try simulation.load()
///     try simulation.run(for: 7 * 86_400)
///
/// A callback takes no time, however much it computes, up to 10 million VM instructions; each 10 million more take a tenth of
/// a second, and what has not ended after 100 million goes on until its limits end it. Nothing outside is reached: what
/// `register` of a scheduler would offer is to be given by ``init(_:from:functions:trace:)``.
///
/// Its methods may be called from any thread, one after the other; what they call back comes on a thread of the simulation's
/// own.
public final class Simulation: Sendable {
  private let thread: SimulationThread<World>

  /// The zone of triggers that name none, and in which times are told.
  public let zone: Zone

  /// A function that scripts call in place of what the host would offer them.
  public struct Function: Sendable {
    let name: String
    let body: @Sendable (CallArguments) throws -> Value

    /// As ``Scheduler/register(_:arguments:_:)``.
    public init(_ name: String, _ body: @escaping @Sendable (CallArguments) throws -> Value) {
      self.name = name
      self.body = body
    }
  }

  /// Of the configuration, `watches`, `workers` and `slice` have no meaning, and a missing seed is 1. Throws when a zone is
  /// unknown, ``RegistrationError`` for the name of a function, or when the system refuses a thread. `trace` is told what happens, in order.
  public init(
    _ configuration: Configuration, from start: Timestamp, functions: [Function] = [],
    trace: @escaping @Sendable (TraceEntry) -> Void = { _ in }
  ) throws {
    zone =
      try configuration.timeZone.map { try SystemZones.shared.zone(named: $0) }
      ?? SystemZones.shared.systemDefault()
    let functions = try functions.map { try HostFunction($0.name, calling: $0.body) }
    thread = try SimulationThread {
      let turns = try SimulatedTurns(configuration)
      let world = try SimulatedWorld(
        configuration, clock: VirtualClock(wall: start), turns: turns, functions: functions,
        trace: trace)
      return World(world: world, turns: turns)
    } end: { parts in
      parts.world.end()
      parts.turns.queue.stop()
    }
  }

  private struct World {
    let world: SimulatedWorld
    let turns: SimulatedTurns
  }

  private func perform<T: Sendable>(
    _ body: @escaping @Sendable (SimulatedWorld) throws -> T
  ) throws -> T {
    try thread.perform { try body($0.world) }
  }

  deinit { thread.stop() }

  /// Loads the scripts, at the instant from which the simulation starts. Throws ``ScriptError`` when a path is not there or
  /// holds no script; of scripts that do not load `script.failed` is told.
  public func load() throws { try perform { try $0.start() } }

  /// Lets so many seconds of elapsed time go by; what is due at their end is done.
  public func run(for seconds: Double) throws {
    let length = Int64((seconds * 1e9).rounded())
    try perform { try $0.run(to: $0.clock.read().elapsed + length) }
  }

  /// Lets time go on until the wall clock shows a time; what is due then is done.
  public func run(until time: Timestamp) throws {
    try perform { try $0.run(to: $0.clock.elapsed(at: time)) }
  }

  /// Takes the host down at a wall time, as by a loss of power, for so many seconds.
  public func plan(outageAt time: Timestamp, for seconds: Double) throws {
    let length = Int64((seconds * 1e9).rounded())
    try perform { $0.schedule(.outage(nanoseconds: length), at: time) }
  }

  /// Sets the wall clock at a wall time, forward by so many seconds, or back by a negative number of them.
  public func plan(clockStepAt time: Timestamp, by seconds: Double) throws {
    let length = Int64((seconds * 1e9).rounded())
    try perform { $0.schedule(.clockStep(nanoseconds: length), at: time) }
  }

  /// Sends an event to every script that handles or awaits it, and does what follows at this instant. Throws ``EmitError``
  /// where the name is none, or a handler's queue is full; while the host is down nothing hears it.
  public func emit(_ name: String, _ payload: Value = .nil, source: String = "embedder") throws {
    guard isEventName(name) else {
      throw EmitError(code: .invalidName, description: "\"\(name)\" is not the name of an event")
    }
    let isAccepted = try perform { world in
      world.emit(Event(name: name, payload: payload, source: source))
    }
    guard isAccepted else {
      throw EmitError(
        code: .queueFull, description: "the queue of a handler of \"\(name)\" is full")
    }
  }

  /// Promises a run of a job by its name, and does what follows at this instant; answers the run's id. Throws ``ScriptError``
  /// where no script, or none of that name, has the job, or where it takes no promise.
  @discardableResult
  public func trigger(
    _ job: String, of script: String, arguments: Value = .nil
  ) throws -> Run.ID {
    let answer = try perform { $0.trigger(job, of: script, arguments) }
    switch answer {
    case .run(let run): return run
    case .refused(let why, _): throw ScriptError(.unknown, script: script, why)
    case .done, .status, .times, nil:
      throw ScriptError(.unknown, script: script, "\(script): no such script is served")
    }
  }

  /// Wall time.
  public var now: Timestamp { get throws { try perform { $0.clock.read().wall } } }
}
