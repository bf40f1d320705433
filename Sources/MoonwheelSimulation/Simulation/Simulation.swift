import MoonwheelModel
import ScriptHost
import Synchronization
import SystemZones
import Triggers
import WorkerPool

/// Runs scripts in virtual time: the real scripts on the real core, with a clock that jumps from one instant at which
/// something is due to the next. Equal scripts, times and seeds give equal traces on every machine.
///
///     let simulation = try Simulation(Configuration(paths: ["scripts"]), from: start) { print($0) }
///     try simulation.load()
///     try simulation.run(for: .seconds(7 * 86_400))
///
/// A callback takes no virtual time up to 10 million VM instructions; each 10 million more take a tenth of a second.
/// After 100 million, the simulation treats it as endless: it goes on until its limits end it. Scripts reach nothing
/// outside: give the functions that they call to ``init(_:from:functions:budget:trace:)``.
///
/// Any thread may call its methods, one at a time. The simulation calls its closures on a thread of its own.
public final class Simulation: Sendable {
  private let thread: SimulationThread<SimulatedWorld>

  /// The zone of triggers that name none, and of the times in reports.
  package let zone: Zone

  /// A function that scripts call in place of one that a Swift program registers.
  public struct Function: Sendable {
    let name: String
    let body: @Sendable (CallArguments) throws -> Value

    /// The name and body are as in `register` of a scheduler.
    public init(_ name: String, _ body: @escaping @Sendable (CallArguments) throws -> Value) {
      self.name = name
      self.body = body
    }
  }

  /// Makes a simulation. It ignores `watches`, `workers` and `slice` of the configuration, and a missing seed is 1.
  ///
  /// - Parameters:
  ///   - configuration: the scripts and the bounds.
  ///   - start: the wall time at which it starts.
  ///   - functions: what scripts call in place of functions that a Swift program registers.
  ///   - budget: ``load()`` and ``run(for:)`` throw a ``BudgetError`` if they are not done when it ends.
  ///   - trace: gets an entry for everything that happens, in order.
  /// - Throws: `RegistrationError` if scripts could not use the name of a function; an error if a zone is unknown, or
  ///   if the system refuses a thread.
  public init(
    _ configuration: Configuration, from start: Timestamp, functions: [Function] = [],
    budget: RealTimeBudget = .unlimited,
    trace: @escaping @Sendable (TraceEntry) -> Void = { _ in }
  ) throws {
    zone = try SystemZones.shared.zone(orDefault: configuration.timeZone)
    let functions = try functions.map { try HostFunction($0.name, calling: $0.body) }
    thread = try SimulationThread {
      let turns = try SimulatedTurns(configuration, budget)
      return try SimulatedWorld(
        configuration, clock: VirtualClock(wall: start), turns: turns, functions: functions,
        trace: trace)
    } end: { world in
      world.end()
      world.turns.queue.stop()
    }
  }

  deinit { thread.stop() }

  /// Loads the scripts at the instant at which the simulation starts. Throws `ScriptError` if a path is missing or
  /// has no script. The trace has a `script.failed` for each script that does not load.
  public func load() throws { try thread.perform { try $0.start() } }

  /// Advances time by this much. Does what is due at the end too.
  public func run(for duration: Duration) throws {
    let length = duration.clampedNanoseconds
    try thread.perform { try $0.run(to: $0.clock.read().elapsed.saturatingSum(length)) }
  }

  /// Advances time until the wall clock shows a time. Does what is due then too.
  public func run(until time: Timestamp) throws {
    try thread.perform { try $0.run(to: $0.clock.elapsed(at: time)) }
  }

  /// Plans a loss of power: the host is down from a wall time on, for this long.
  public func plan(outageAt time: Timestamp, for duration: Duration) throws {
    let length = duration.clampedNanoseconds
    try thread.perform { $0.schedule(.outage(nanoseconds: length), at: time) }
  }

  /// Plans a step of the wall clock at a wall time: forward by this much, or back if it is negative.
  public func plan(clockStepAt time: Timestamp, by step: Duration) throws {
    let length = step.clampedNanoseconds
    try thread.perform { $0.schedule(.clockStep(nanoseconds: length), at: time) }
  }

  /// Sends an event to every script that handles or awaits it, and does what follows at this instant. Throws
  /// `EmitError` if the name is invalid or a handler's queue is full. While the host is down, nothing receives it.
  public func emit(_ name: String, _ payload: Value = .nil, source: String = "embedder") throws {
    guard isEventName(name) else {
      throw EmitError(code: .invalidName, description: "\"\(name)\" is not the name of an event")
    }
    let isAccepted = try thread.perform { world in
      world.emit(Event(name: name, payload: payload, source: source))
    }
    guard isAccepted else {
      throw EmitError(
        code: .queueFull, description: "the queue of a handler of \"\(name)\" is full")
    }
  }

  /// Triggers a run of a job, and does what follows at this instant. Returns the run's id. Throws `ScriptError` if no
  /// such script is served, or if the script has no such job or the job refuses the run.
  @discardableResult
  public func trigger(
    _ job: String, of script: String, arguments: Value = .nil
  ) throws -> Run.ID {
    let answer = try thread.perform { $0.trigger(job, of: script, arguments) }
    switch answer {
    case .run(let run): return run
    case .refused(let why, _): throw ScriptError(.unknown, script: script, why)
    case .done, .status, .times, .jobs, .ended, nil:
      throw ScriptError(.unknown, script: script, "\(script): no such script is served")
    }
  }

  /// The virtual wall time.
  public var now: Timestamp { get throws { try thread.perform { $0.clock.read().wall } } }
}
