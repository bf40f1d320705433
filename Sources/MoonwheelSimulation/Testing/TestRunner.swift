import JobStore
import Logging
import LuaRuntime
import MoonwheelModel
import SchedulerEngine
import ScriptHost
import Stdlib
import Synchronization
import SystemCalls
import Triggers
import WorkerPool

/// Runs a test of one file: the file in an isolate of its own, and the test's simulation. Only one thread uses it.
///
/// The test is parked while its simulation advances, and the simulation stands still while the test runs.
final class TestRunner {
  let requests = TestRequests()
  let options: TestOptions
  let clock: VirtualClock
  private let turns: SimulatedTurns
  let environment: ScriptEnvironment
  let isolate: ScriptIsolate
  let source: ScriptSource
  let base: Configuration
  let record = TestRecord()
  private var world: SimulatedWorld?
  var scripts: [String] = []

  /// The logger gets what the test itself prints.
  init(
    _ source: ScriptSource, _ base: Configuration, _ options: TestOptions, _ budget: RealTimeBudget,
    logger: Logger
  ) throws {
    self.source = source
    self.options = options
    var configuration = base
    configuration.timeZone = options.zone.name
    configuration.seed = options.seed
    configuration.watches = false
    configuration.paths = []
    configuration.texts = []
    self.base = configuration
    clock = VirtualClock(wall: options.start)
    turns = try SimulatedTurns(configuration, budget)
    let engine = try Engine(
      configuration, clock: clock, logger: logger, logEvents: EventPattern("none"),
      store: MemoryJobStore(), seed: options.seed, simulation: (turns.queue, turns.meter),
      morePreludes: [Stdlib.testing])
    environment = engine.environment
    environment.functions.add(requests.functions)
    isolate = ScriptIsolate(environment.newScript(named: source.name), source, in: environment)
  }

  /// Loads a file, and calls the body with its runner, both on a thread of their own.
  static func load<T: Sendable>(
    _ source: ScriptSource, _ configuration: Configuration, _ options: TestOptions,
    _ budget: RealTimeBudget, logger: Logger, _ body: @escaping @Sendable (TestRunner) throws -> T
  ) throws -> T {
    let thread = try SimulationThread {
      try TestRunner(source, configuration, options, budget, logger: logger)
    } end: { runner in
      runner.world?.end()
      runner.environment.bus.close()
      runner.turns.queue.stop()
    }
    defer { thread.stop() }
    return try thread.perform { runner in
      try runner.load()
      return try body(runner)
    }
  }

  /// Loads the file, which adds its tests to ``requests``.
  private func load() throws(ScriptError) {
    let outcome = Mutex<Result<LoadedScript, ScriptError>?>(nil)
    isolate.post(.load { result in outcome.withLock { $0 = result } })
    turns.runAll()
    guard let result = outcome.withLock({ $0 }) else {
      let why = turns.budget.isSpent ? spentText : "the load did not end"
      throw ScriptError(.load, script: source.name, "\(source.name): \(why)")
    }
    do {
      _ = try result.get()
    } catch {
      guard !turns.budget.isSpent else {
        throw ScriptError(.load, script: source.name, "\(source.name): \(spentText)")
      }
      let simplified = error.failure.simplified(at: source.name)
      throw ScriptError(
        error.code, script: error.script, simplified.message, traceback: simplified.traceback)
    }
  }

  /// Runs a test to its end. Throws the failure of the test.
  func run(
    _ test: TestRequests.Test, trace: @escaping @Sendable (TraceEntry) -> Void
  ) throws(RunFailure) {
    let world: SimulatedWorld
    do {
      world = try SimulatedWorld(
        base, clock: clock, turns: turns,
        trace: { [record] entry in
          record.add(entry)
          trace(entry)
        },
        onReport: { [record] in record.add($0) })
      self.world = world
      world.checkRoom = record.checkRoom
      try world.start()
    } catch {
      throw RunFailure(message: "\(test.place): \(error)")
    }
    let outcome = Mutex<IsolateOutcome?>(nil)
    requests.isRunning = true
    isolate.post(.call(test.body, []) { ended in outcome.withLock { $0 = ended } })
    while true {
      turns.runAll()
      let ended = outcome.withLock { $0 }
      if let ended, ended.isSuccess { return }
      guard !turns.budget.isSpent else {
        throw RunFailure(
          message: "\(test.place): \(spentText)", traceback: ended?.traceback ?? "")
      }
      if let ended { return try finish(ended, test) }
      guard let request = requests.take() else {
        throw RunFailure(
          message:
            "\(test.place): the test waits for what never comes: the jobs of its own file are not those of the simulation; load a script with sim:load, and write sim:trigger(name)"
        )
      }
      requests.isRunning = false
      let answer = answer(request, world)
      requests.isRunning = true
      isolate.wake(request.park, answer)
    }
  }

  private var spentText: String {
    BudgetError(
      turns.budget, reached: now, zone: options.zone, busiestScript: turns.busiestScript
    ).description
  }

  private func finish(_ ended: IsolateOutcome, _ test: TestRequests.Test) throws(RunFailure) {
    switch ended {
    case .finished, .cancelled: return
    case .failed(let failure): throw failure.simplified(at: test.place)
    case .interrupted(let traceback):
      let limit = DurationText.format(ScriptIsolate.callTime)
      throw RunFailure(
        message: "\(test.place): the test computed longer than \(limit)", traceback: traceback)
    case .evicted(let reason, let traceback):
      throw RunFailure(
        message: "\(test.place): the test had to be evicted: \(reason)", traceback: traceback)
    case .refused(let reason): throw RunFailure(message: "\(test.place): \(reason)")
    case .declined, .parked, .preempted:
      throw RunFailure(message: "\(test.place): the test did not end")
    }
  }

  private func answer(_ request: TestRequests.Request, _ world: SimulatedWorld) -> Resumption {
    do {
      return .values(try perform(request, world))
    } catch let mistake as Mistake {
      return .raise(mistake.text)
    } catch {
      return .raise("\(error)")
    }
  }
}

extension IsolateOutcome {
  fileprivate var isSuccess: Bool {
    switch self {
    case .finished, .cancelled: true
    case .declined, .evicted, .failed, .interrupted, .parked, .preempted, .refused: false
    }
  }

  /// Where the host ended it; empty if it did not.
  fileprivate var traceback: String {
    switch self {
    case .evicted(_, let traceback), .interrupted(let traceback): traceback
    case .cancelled, .declined, .failed, .finished, .parked, .preempted, .refused: ""
    }
  }
}
