import LuaRuntime
import MoonwheelCore
import Synchronization
import Triggers
import WorkerPool

/// One generation of a script: its isolate as an actor with a mailbox, on at most one worker at a time.
///
/// `@unchecked Sendable`: what is not immutable or behind a lock belongs to the worker whose turn it is (the pool gives
/// one at a time, and its lock orders them); `staged` belongs to the timekeeper's thread.
final class ScriptIsolate: PoolMember, IsolateHost, @unchecked Sendable {
  let generation: GenerationID
  let script: ScriptID
  let name: String
  let standing = PoolStanding()
  let mailbox = Mailbox()
  let engine: Engine
  let source: ScriptSource

  /// Gathered by the timekeeper before it hands them over.
  var staged: [IsolateMessage] = []

  // The worker's.
  private var isolate: Isolate?
  private var taken: [IsolateMessage] = []
  private var next = 0
  private var reports: [RunReport] = []
  private var parked: [UInt32: ParkedRun] = [:]
  private var serial: UInt64 = 0
  private let retired = Atomic<Bool>(false)
  var onLoaded: (@Sendable (Result<LoadedScript, ScriptError>) -> Void)?

  /// The run that is on the worker; nil while the script is loaded.
  private(set) var current: ActiveRun?
  private(set) var isLoading = false
  /// The wait that the host function under way has begun.
  var beginningPark: ParkID?
  var registry: JobRegistry
  var modules: ModuleFinder
  let functions: [HostFunction]

  static let timeoutValues: [Value] = [.nil, .string("timeout")]

  init(
    generation: GenerationID, script: ScriptID, source: ScriptSource, engine: Engine,
    functions: [HostFunction]
  ) {
    self.generation = generation
    self.script = script
    self.name = source.name
    self.source = source
    self.engine = engine
    self.functions = functions
    registry = JobRegistry(scriptName: source.name)
    modules = ModuleFinder(source: source)
  }

  // MARK: From other threads

  func post(_ message: IsolateMessage) {
    mailbox.append(message)
    engine.pool.notify(self)
  }

  func wake(_ park: ParkID, _ resumption: Resumption) { post(.resume(park, resumption)) }

  /// No run of it is under way and none will come: lets the state go with the last turn.
  func retire() {
    retired.store(true, ordering: .releasing)
    engine.pool.notify(self)
  }

  // MARK: Turns

  func turn(_ slice: TurnSlice) -> Bool {
    if retired.load(ordering: .acquiring) {
      isolate = nil
      return false
    }
    if next == taken.count {
      taken.removeAll(keepingCapacity: true)
      next = 0
      mailbox.take(into: &taken)
    }
    while next < taken.count {
      let message = taken[next]
      next += 1
      handle(message)
      if next & 7 == 0, slice.isOver { break }
    }
    if !reports.isEmpty {
      engine.inbox.post(reports: reports)
      reports.removeAll(keepingCapacity: true)
    }
    return next < taken.count
  }

  private func handle(_ message: IsolateMessage) {
    switch message {
    case .load:
      let result = load()
      onLoaded?(result)
      onLoaded = nil
    case .start(let dispatch): start(dispatch)
    case .resume(let park, let resumption): resume(park, resumption)
    case .release(let handle, let callback):
      registry.release(handle)
      isolate?.release(callback)
    }
  }

  private func start(_ dispatch: Dispatch) {
    let firedAt = engine.clock.read().wall
    let run = ActiveRun(dispatch)
    current = run
    let outcome = isolate?.start(dispatch.callback, RunStart(dispatch, firedAt: firedAt))
    settle(outcome ?? .refused("the script is gone"), run)
  }

  private func resume(_ park: ParkID, _ resumption: Resumption) {
    // A wait that ended otherwise meanwhile: by its timeout, or by the event.
    guard let waiting = parked[park.coroutine], waiting.serial == park.serial else { return }
    parked[park.coroutine] = nil
    current = waiting.run
    let outcome =
      switch resumption {
      case .values(let values): isolate?.resume(park.coroutine, with: values)
      case .raise(let text): isolate?.resume(park.coroutine, raising: text)
      }
    settle(outcome ?? .refused("the script is gone"), waiting.run)
  }

  private func settle(_ outcome: IsolateOutcome, _ run: ActiveRun) {
    current = nil
    switch outcome {
    case .parked(let coroutine):
      guard let park = beginningPark else { preconditionFailure("a run parked without a wait") }
      parked[coroutine] = ParkedRun(run: run, serial: park.serial)
      beginningPark = nil
    case .finished(let result): report(run, .succeeded(result))
    case .cancelled: report(run, .cancelledJob)
    case .failed(let failure):
      engine.log.failure(failure, of: run, in: self)
      report(run, .failed(failure))
    case .refused(let reason):
      let failure = RunFailure(message: "\(name): \(reason)")
      engine.log.failure(failure, of: run, in: self)
      report(run, .failed(failure))
    }
  }

  private func report(_ run: ActiveRun, _ outcome: Run.Outcome) {
    reports.append(
      RunReport(
        run: run.id, job: run.job, generation: generation, outcome: outcome,
        endedAt: engine.clock.read().elapsed))
  }

  /// Begins a wait of the run on the worker. Its values come by `wake`, or `timeout` at the deadline.
  func park(_ coroutine: UInt32, until deadline: Int64?) -> ParkID {
    serial += 1
    let park = ParkID(generation: generation, coroutine: coroutine, serial: serial)
    beginningPark = park
    if let deadline { engine.inbox.park(park, until: deadline) }
    return park
  }

  // MARK: Loading

  /// Makes the isolate and runs the script's text in it. On a worker's thread, or on any when nothing else runs.
  func load() -> Result<LoadedScript, ScriptError> {
    isLoading = true
    defer { isLoading = false }
    do {
      let isolate = try Isolate(
        limits: engine.configuration.limits, functions: functions.map(\.signature),
        prelude: engine.prelude)
      isolate.host = self
      self.isolate = isolate
      let chunk = try compile(isolate)
      let outcome = isolate.load(chunk)
      isolate.release(chunk)
      return loaded(outcome)
    } catch let error as ScriptError {
      return .failure(error)
    } catch {
      return .failure(ScriptError(.load, script: name, "\(name): \(error)"))
    }
  }

  private func compile(_ isolate: Isolate) throws(ScriptError) -> CallbackID {
    do {
      return try isolate.compile(source.text, name: name)
    } catch {
      throw ScriptError(.syntax, script: name, error.message)
    }
  }

  private func loaded(_ outcome: IsolateOutcome) -> Result<LoadedScript, ScriptError> {
    switch outcome {
    case .finished, .cancelled:
      return .success(
        LoadedScript(registrations: registry.takeLoaded(), dependencies: modules.found))
    case .failed(let failure):
      return .failure(
        ScriptError(.load, script: name, failure.message, traceback: failure.traceback))
    case .refused(let reason):
      return .failure(ScriptError(.load, script: name, "\(name): \(reason)"))
    case .parked: preconditionFailure("a script cannot wait while it is loaded")
    }
  }

  // MARK: Host functions

  /// Where the script called the host function that is being answered.
  func caller() -> (position: String, line: Int32)? { isolate?.caller() }

  /// Keeps a registration for the end of the load, or tells the core of a callback's.
  func register(_ registration: Registration) {
    if isLoading {
      registry.collect(registration)
    } else {
      engine.inbox.post(.register(script, generation, registration))
    }
  }

  func call(_ function: Int, _ arguments: [Value], coroutine: UInt32) -> HostReply {
    functions[function].body(HostCall(isolate: self, arguments: arguments, coroutine: coroutine))
  }
}

/// What the worker knows of a run.
struct ActiveRun {
  var id: Run.ID
  var job: JobID
  var handle: JobHandle
  /// How long the chain of events is that led here.
  var depth: UInt8

  init(_ dispatch: Dispatch) {
    id = dispatch.run
    job = dispatch.job
    handle = dispatch.handle
    if case .event(let event) = dispatch.payload { depth = event.depth } else { depth = 0 }
  }
}

private struct ParkedRun {
  var run: ActiveRun
  var serial: UInt64
}

/// What a successful load gives.
struct LoadedScript: Sendable {
  var registrations: [Registration]
  /// Files that it required.
  var dependencies: Set<String>
}

extension RunStart {
  fileprivate init(_ dispatch: Dispatch, firedAt: Timestamp) {
    let payload: RunStart.Payload =
      switch dispatch.payload {
      case .none: .none
      case .arguments(let value): .arguments(value)
      case .event(let event): .event(event.value)
      }
    self.init(
      run: dispatch.run, job: dispatch.handle, number: dispatch.number,
      attempt: Int(dispatch.attempt),
      scheduledAt: Double(dispatch.scheduledAt.nanoseconds) / 1e9,
      firedAt: Double(firedAt.nanoseconds) / 1e9, payload: payload)
  }
}
