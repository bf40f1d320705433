import MoonwheelModel
import SchedulerCore
import ScriptHost
import Synchronization
import Triggers

/// A simulation: the clock, the store, and the host while it is up. Only the simulation's thread uses it.
final class SimulatedWorld {
  /// A planned event that disturbs the host.
  enum Fault {
    case outage(nanoseconds: Int64)
    case clockStep(nanoseconds: Int64)
  }

  let clock: VirtualClock
  private var configuration: Configuration
  /// Virtual time advances by at least this much, in nanoseconds.
  private static let tick: Int64 = 100_000
  /// Virtual time advances by this much from an instant that was left unfinished, in nanoseconds.
  private static let minimumAdvance: Int64 = 1_000_000

  let turns: SimulatedTurns
  private let store = SimulatedStore()
  private let recorder: TraceRecorder
  private let onReport: @Sendable (RunEnd) -> Void
  private var functions: [HostFunction]
  private(set) var host: SimulatedHost?
  /// The planned faults, by wall time.
  private var plan: [(at: Timestamp, Fault)] = []
  /// The elapsed time at which the present outage ends; nil while the host is up.
  private var outageEnd: Int64?
  /// Called with the wall time at each jump of the clock.
  var onJump: ((Timestamp) -> Void)?
  /// Called before each jump of the clock: its error ends the simulation.
  var checkRoom: (() throws -> Void)?

  /// Runs turns on the calling thread. The caller stops the queue of `turns` at the end.
  init(
    _ configuration: Configuration, clock: VirtualClock, turns: SimulatedTurns,
    functions: [HostFunction] = [], trace: @escaping @Sendable (TraceEntry) -> Void,
    onReport: @escaping @Sendable (RunEnd) -> Void = { _ in }
  ) throws {
    var configuration = configuration
    configuration.watches = false
    configuration.seed = configuration.seed ?? 1
    configuration.selection.scratch = SimulationScratch()
    self.configuration = configuration
    self.functions = functions
    self.onReport = onReport
    self.clock = clock
    self.turns = turns
    recorder = TraceRecorder(clock: clock, deliver: trace)
    try boot()
  }

  /// Loads the scripts and starts. The trace has a `script.failed` for each script that does not load.
  func start() throws {
    try host?.start()
    try checkBudget()
  }

  private func checkBudget() throws(BudgetError) {
    guard turns.budget.isSpent else { return }
    throw budgetError
  }

  var budgetError: BudgetError {
    BudgetError(
      turns.budget, reached: clock.read().wall, zone: host?.environment.zone ?? .utc,
      busiestScript: turns.busiestScript)
  }

  private func boot() throws {
    host = try SimulatedHost(
      configuration, clock: clock, turns: turns, store: store, functions: functions,
      recorder: recorder, onReport: onReport)
  }

  func end() {
    host?.stop()
    host = nil
  }

  // MARK: Time

  func schedule(_ fault: Fault, at time: Timestamp) {
    let index = plan.firstIndex { $0.at > time } ?? plan.count
    plan.insert((time, fault), at: index)
  }

  /// Advances time to an elapsed time, from one instant at which something is due to the next. Does what is due at the
  /// end too. Throws a ``BudgetError`` if the budget ends before.
  func run(to end: Int64) throws {
    let end = min(end, VirtualClock.end)
    host?.finishInstant()
    while true {
      try checkBudget()
      try checkRoom?()
      let now = clock.elapsed
      let fault = plan.first.map { max(now, clock.elapsed(at: $0.at)) }
      // What was due now is done, but a deadline may be early: go on by a tick at least.
      let next = host?.nextDue.map { max($0, now + Self.tick) }
      let unfinished = host?.isFinished == false ? now + Self.minimumAdvance : nil
      let due = [fault, outageEnd, next, unfinished].compactMap { $0 }.min() ?? .max
      guard due <= end else { break }
      clock.advance(to: due)
      onJump?(clock.read().wall)
      if let outageEnd, due >= outageEnd { try endOutage() }
      if fault == due { try apply(plan.removeFirst().1) }
      turns.wake(at: due)
      host?.finishInstant()
    }
    clock.advance(to: end)
    onJump?(clock.read().wall)
    host?.finishInstant()
    try checkBudget()
  }

  private func apply(_ fault: Fault) throws {
    switch fault {
    case .clockStep(let nanoseconds):
      host?.finishInstant()  // do what was due before the step
      clock.stepWall(by: nanoseconds)
    case .outage(let nanoseconds):
      let end = clock.elapsed.saturatingSum(nanoseconds)
      if outageEnd == nil {
        host?.stop()
        host = nil
        recorder.record("outage.began")
      }
      outageEnd = max(outageEnd ?? 0, end)
    }
  }

  private func endOutage() throws {
    outageEnd = nil
    recorder.record("outage.ended")
    try boot()
    try host?.start()
  }

  // MARK: Scripts

  /// Adds a script to those of the configuration, and loads it. Returns the error if it does not load.
  func add(_ source: ScriptSource) -> ScriptError? {
    configuration.selection.sources.removeAll { $0.name == source.name }
    configuration.selection.sources.append(source)
    host?.catalog.add(source)
    host?.finishInstant()
    return host?.catalog.failure(of: source.name)
  }

  /// Reloads a script from another text, or from its file. If that does not load, its jobs go on; returns the error.
  func reload(_ name: String, _ text: [UInt8]?) -> ScriptError? {
    guard let index = configuration.selection.sources.firstIndex(where: { $0.name == name }) else {
      return ScriptError(.unknown, script: name, "no script \"\(name)\" was loaded")
    }
    var source = configuration.selection.sources[index]
    if let text {
      source.text = text
    } else if let path = source.path {
      do { source.text = try readFile(path) } catch { return error.scriptError(name) }
    } else {
      return ScriptError(
        .unreadable, script: name, "\(name): this script was given as text, and has no file")
    }
    let error = host.flatMap { host in
      host.catalog.add(source)
      host.finishInstant()
      return host.catalog.failure(of: name)
    }
    if error == nil { configuration.selection.sources[index] = source }
    return error
  }

  /// Publishes an event. Returns whether every handler had room for it.
  func emit(_ event: Event) -> Bool {
    guard let host else { return true }
    let acceptance = host.environment.bus.publish(event)
    host.finishInstant()
    return acceptance == .accepted
  }

  /// Triggers a run of a job at this instant; nil if the host is down or has no such script.
  func trigger(_ job: String, of script: String, _ arguments: Value) -> JobAnswer? {
    guard let host, let id = host.catalog.script(named: script) else { return nil }
    let answer = Mutex<JobAnswer?>(nil)
    host.timekeeper.command(.enqueue(arguments, at: .now), script: id, job: job) { result in
      answer.withLock { $0 = result }
    }
    host.finishInstant()
    return answer.withLock { $0 }
  }

  /// Makes a function callable from scripts that are loaded from now on.
  func add(_ function: HostFunction) {
    functions.append(function)
    host?.environment.functions.add(function)
  }
}
