import MoonwheelModel
import SchedulerCore
import ScriptHost
import Synchronization
import Triggers

/// What a simulation's thread has: the clock, the store, and the host while it is up.
final class SimulatedWorld {
  /// What happens to the host, at a wall time.
  enum Fault {
    case outage(nanoseconds: Int64)
    case clockStep(nanoseconds: Int64)
  }

  let clock: VirtualClock
  private var configuration: Configuration
  /// What time goes on by at least.
  private static let tick: Int64 = 100_000
  /// What it goes on by at an instant that has no end.
  private static let minimumAdvance: Int64 = 1_000_000

  private let turns: SimulatedTurns
  private let store = SimulatedStore()
  private let recorder: TraceRecorder
  private let onReport: @Sendable (RunReport) -> Void
  private var functions: [HostFunction]
  private(set) var host: SimulatedHost?
  /// By wall time.
  private var plan: [(at: Timestamp, Fault)] = []
  /// Elapsed time at which the outage under way ends.
  private var outageEnd: Int64?
  /// Told at each jump of the clock.
  var onJump: ((Timestamp) -> Void)?

  /// The turns are on the calling thread, and the caller ends them.
  init(
    _ configuration: Configuration, clock: VirtualClock, turns: SimulatedTurns,
    functions: [HostFunction] = [], trace: @escaping @Sendable (TraceEntry) -> Void,
    onReport: @escaping @Sendable (RunReport) -> Void = { _ in }
  ) throws {
    var configuration = configuration
    configuration.watches = false
    configuration.seed = configuration.seed ?? 1
    self.configuration = configuration
    self.functions = functions
    self.onReport = onReport
    self.clock = clock
    self.turns = turns
    recorder = TraceRecorder(clock: clock, deliver: trace)
    try boot()
  }

  /// Loads the scripts and starts. Those that do not load are told by events.
  func start() throws {
    try host?.start()
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
    let place = plan.firstIndex { $0.at > time } ?? plan.count
    plan.insert((time, fault), at: place)
  }

  /// Lets time go on to an elapsed time, inclusive, from one instant at which something is due to the next.
  func run(to end: Int64) throws {
    let end = min(end, VirtualClock.end)
    host?.settle()
    while true {
      let now = clock.elapsed
      let fault = plan.first.map { max(now, clock.elapsed(at: $0.at)) }
      // What is due already was done: a deadline may be early.
      let next = host?.nextDue.map { max($0, now + Self.tick) }
      let unfinished = host?.isQuiet == false ? now + Self.minimumAdvance : nil
      let due = [fault, outageEnd, next, unfinished].compactMap { $0 }.min() ?? .max
      guard due <= end else { break }
      clock.advance(to: due)
      onJump?(clock.read().wall)
      if let outageEnd, due >= outageEnd { try comeBack() }
      if fault == due { try apply(plan.removeFirst().1) }
      turns.wake(at: due)
      host?.settle()
    }
    clock.advance(to: end)
    onJump?(clock.read().wall)
    host?.settle()
  }

  private func apply(_ fault: Fault) throws {
    switch fault {
    case .clockStep(let nanoseconds):
      host?.settle()  // what was due at that instant, before it
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

  private func comeBack() throws {
    outageEnd = nil
    recorder.record("outage.ended")
    try boot()
    try host?.start()
  }

  // MARK: Scripts

  /// Loads a script besides those of the configuration, now and after each outage; answers why it does not load, if so.
  func add(_ source: ScriptSource) -> ScriptError? {
    configuration.sources.removeAll { $0.name == source.name }
    configuration.sources.append(source)
    host?.catalog.add(source)
    host?.settle()
    return host?.catalog.failure(of: source.name)
  }

  /// Loads a script anew from another text, or from its file. Answers why that does not load, if so: its jobs go on then.
  func reload(_ name: String, _ text: [UInt8]?) -> ScriptError? {
    guard let index = configuration.sources.firstIndex(where: { $0.name == name }) else {
      return ScriptError(.unknown, script: name, "no script \"\(name)\" was loaded")
    }
    var source = configuration.sources[index]
    if let text {
      source.text = text
    } else if let path = source.path {
      do { source.text = try readFile(path) } catch { return error.scriptError(name) }
    } else {
      return ScriptError(.unreadable, script: name, "\(name): it is no file")
    }
    let error = host.flatMap { host in
      host.catalog.add(source)
      host.settle()
      return host.catalog.failure(of: name)
    }
    if error == nil { configuration.sources[index] = source }
    return error
  }

  /// Whether every handler had room for it.
  func emit(_ event: Event) -> Bool {
    guard let host else { return true }
    let acceptance = host.environment.bus.publish(event)
    host.settle()
    return acceptance == .accepted
  }

  /// Promises a run, at this instant; nil where the host is down, or has no such script.
  func trigger(_ job: String, of script: String, _ arguments: Value) -> JobAnswer? {
    guard let host, let id = host.catalog.script(named: script) else { return nil }
    let answer = Mutex<JobAnswer?>(nil)
    host.timekeeper.command(.enqueue(arguments, at: .now), script: id, job: job) { told in
      answer.withLock { $0 = told }
    }
    host.settle()
    return answer.withLock { $0 }
  }

  /// Makes a function known to scripts that are loaded from now on.
  func add(_ function: HostFunction) {
    functions.append(function)
    host?.environment.functions.withLock { $0.append(function) }
  }
}
