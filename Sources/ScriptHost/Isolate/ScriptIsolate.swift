import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Synchronization
import SystemCalls
import Triggers
import WorkerPool

/// One generation of a script: its isolate as an actor with a mailbox, on at most one worker at a time.
///
/// `@unchecked Sendable`: what is not immutable or behind a lock belongs to the worker whose turn it is (the pool gives
/// one at a time, and its lock orders them); `staged` belongs to who is in the timekeeper's seat, and `privateTemplate` is set before that
/// knows the isolate.
package final class ScriptIsolate: PoolMember, IsolateHost, @unchecked Sendable {
  package let generation: GenerationID
  /// The generation whose jobs these are: its own, but for a run that has a state of its own.
  let serves: GenerationID
  /// What the runs that have a state of their own are made of; nil where no job asks for that.
  package var privateTemplate: PrivateIsolateTemplate?
  /// Of a run that has a state of its own; nil for a script.
  var privateRun: PrivateRun?
  package let script: ScriptID
  package let name: String
  package let memberState = MemberState()
  package let mailbox = Mailbox()
  let environment: ScriptEnvironment
  package let source: ScriptSource
  let functions: [HostFunction]

  /// Gathered by the timekeeper before it hands them over: the runs and the timeouts after the other messages.
  package var staged: [IsolateMessage] = []
  package var stagedStarts: [Dispatch] = []
  package var stagedTimeouts: [ParkID] = []

  // The worker's.
  var isolate: Isolate?
  private var taken: [IsolateMessage] = []
  private var next = 0
  /// Runs that have been taken out of a message: they go before the other messages, from a place on.
  private(set) var starts: [Dispatch] = []
  var nextStart = 0
  /// Runs that follow others of their series.
  var successors: [Dispatch] = []
  private var nextSuccessor = 0
  var batch = RunBatch()
  /// The same for waits that are over.
  var timeouts: [ParkID] = []
  var nextTimeout = 0
  /// Runs of batches that wait for a length of time, by coroutine.
  var timedWaits = TimedWaitTable()
  var wakeBatch = WakeBatch()
  /// Those of the batch that is being woken.
  var waking: [TimedWait] = []
  /// Monotonic time of the first post in this turn that the timekeeper has not been woken for.
  private var deferredSince: Int64?
  /// What the timekeeper has to look at, and this script has to see to.
  var pendingWake: WakeReason?
  /// What is added to monotonic time to get elapsed time, while a batch runs.
  var batchOffset: Int64?
  /// When the next handler of an event starts, where that is when the one before it has ended.
  var handlerStart: HandlerStart?
  /// The run of an event that is under way as a batch of one.
  var handling: Dispatch?
  /// Ends of runs that the core is not told of yet: those before the last ones, and these one by one.
  var reports: [RunReports] = []
  var lastReports: [RunReport] = []
  /// Elapsed time by which the core is to know of them.
  var reportsDueAt = Int64.max
  var parked: [UInt32: ParkedRun] = [:]
  /// The run whose slice is over: it goes on before anything else starts.
  var preempted: (coroutine: UInt32, run: ActiveRun)?
  /// The run that was preempted last, and has not waited since.
  var busy: BusyRun?
  /// The preempted run goes on computing, in virtual time: nothing else has a turn until then.
  var computing: Computation?
  private var serial: UInt64 = 0
  private let retired = Atomic<Bool>(false)
  var sliceEnd: Int64 = .max
  var loading: LoadInProgress?
  /// The run that is on the worker.
  var current: ActiveRun?
  /// The wait that the host function under way has begun.
  var beginningPark: (park: ParkID, deadline: Int64?)?
  var registry: JobRegistry
  /// Where the script is loaded to find all of its mistakes.
  package var mistakes: MistakeList?
  /// Warnings about the script's text, at most one per line.
  package internal(set) var warnings = WarningList()
  package var modules: ModuleFinder
  var moduleLoads = ModuleLoads()
  var evictions: [Int64] = []
  /// Of the names that it has emitted.
  var routes: [String: EventRoute] = [:]
  /// Bytes that the script may still log; refilled with time.
  let outputBudget: OutputBudget
  /// When it may ask for what is about all its jobs.
  let scriptCalls: ScriptCallBudget
  /// How many inputs it has posted for the core.
  var posted: UInt64 = 0
  let inputQuota = InputQuota()
  /// What the script asked for with `defaults { memory = ... }`.
  var memory: Int?
  /// Looks for the pattern of a job's `retry.unless`; made when the first is looked for.
  var matcher: CallbackID?

  init(
    generation: GenerationID, script: ScriptID, source: ScriptSource, environment: ScriptEnvironment,
    functions: [HostFunction]
  ) {
    self.generation = generation
    serves = generation
    self.script = script
    self.name = source.name
    self.source = source
    self.environment = environment
    self.functions = functions
    registry = JobRegistry(scriptName: source.name)
    modules = ModuleFinder(source: source)
    outputBudget = OutputBudget(environment.configuration)
    scriptCalls = ScriptCallBudget()
    environment.liveIsolates.wrappingAdd(1, ordering: .relaxed)
  }

  /// A new generation of a script.
  package convenience init(_ script: ScriptID, _ source: ScriptSource, in environment: ScriptEnvironment) {
    self.init(
      generation: environment.newGeneration(), script: script, source: source,
      environment: environment, functions: environment.functions.withLock { $0 })
  }

  /// For one run of a script, with a state of its own.
  init(_ run: PrivateRun, of owner: ScriptIsolate, privateTemplate: PrivateIsolateTemplate) {
    generation = owner.environment.newGeneration()
    serves = owner.generation
    script = owner.script
    name = owner.name
    source = owner.source
    environment = owner.environment
    functions = owner.functions
    registry = privateTemplate.registry
    modules = privateTemplate.modules
    outputBudget = owner.outputBudget
    scriptCalls = owner.scriptCalls
    memory = privateTemplate.memory
    privateRun = run
    environment.liveIsolates.wrappingAdd(1, ordering: .relaxed)
  }

  deinit { environment.liveIsolates.wrappingSubtract(1, ordering: .relaxed) }

  /// Whether a script is being loaded, for the first time or anew after an eviction.
  package var isLoading: Bool { loading != nil }

  // MARK: From other threads

  package func post(_ message: IsolateMessage) {
    mailbox.append(message)
    environment.pool.notify(self)
  }

  package func wake(_ park: ParkID, _ resumption: Resumption) { post(.resume(park, resumption)) }

  /// No run of it is under way and none will come: lets the state go with the last turn.
  package func retire() {
    retired.store(true, ordering: .sequentiallyConsistent)
    environment.pool.notify(self)
  }

  // MARK: Turns

  package func turn(_ slice: TurnSlice) -> TurnEnd {
    let hasMore = takeTurn(slice)
    guard pendingWake != nil || deferredSince != nil else { return hasMore ? .more : .idle }
    guard hasMore else { return .pendingWake }
    flushDeferred()
    flushWake()
    return .more
  }

  /// Runs that have ended come first, since with them goes what this script is to do next.
  package func afterTurn() -> Bool {
    if pendingWake == .reports || pendingWake == .spin {
      flushWake()
      if !mailbox.isEmpty { return true }
    }
    flushDeferred()
    flushWake()
    return !mailbox.isEmpty
  }

  private func takeTurn(_ slice: TurnSlice) -> Bool {
    if retired.load(ordering: .acquiring) {
      isolate = nil
      return false
    }
    sliceEnd = slice.end
    if mailbox.takeStateRequest() { logState() }
    for cancellation in mailbox.takeCancellations() { cancelRuns(cancellation) }
    guard !isComputing() else { return false }
    guard !awaitsRoom() else {
      busy = nil  // a script that has no turn does not compute
      return false
    }
    if let (coroutine, run) = preempted {
      preempted = nil
      proceed(coroutine, run)
    }
    handleMessages(slice)
    postReports()
    if privateRun?.isOver == true {
      isolate = nil
      environment.inbox.post(.detach(generation))
      return false
    }
    guard computing == nil else { return mailbox.hasCancellations }
    return hasMessages || hasSuccessors || preempted != nil || mailbox.hasCancellations
  }

  private var hasMessages: Bool {
    nextStart < starts.count || nextTimeout < timeouts.count || next < taken.count
  }

  private var hasSuccessors: Bool { nextSuccessor < successors.count }

  private func handleMessages(_ slice: TurnSlice) {
    var handled = 0
    while preempted == nil {
      if let deferredSince, Clocks.monotonic() - deferredSince > Self.longestDeferral {
        flushDeferred()
        // Not after what follows: nobody else looks meanwhile.
        if pendingWake == .everything { flushWake() }
      }
      if hasSuccessors, !hasMessages { startSuccessors() }
      guard preempted == nil else { break }
      takeMessages()
      guard hasMessages || hasSuccessors else { break }
      if pendingWake == .spin { pendingWake = nil }
      flushWake()
      guard hasMessages else {
        if slice.isOver { return }
        continue
      }
      guard nextStart == starts.count || !startBatch() else {
        if slice.isOver { return }
        continue
      }
      guard nextStart < starts.count || nextTimeout == timeouts.count || !wakeTimedWaits() else {
        if slice.isOver { return }
        continue
      }
      if nextStart < starts.count {
        nextStart += 1
        begin(starts[nextStart - 1])
      } else if nextTimeout < timeouts.count {
        nextTimeout += 1
        resume(timeouts[nextTimeout - 1], .timeout)
      } else {
        next += 1
        handle(taken[next - 1])
      }
      handled += 1
      if handled & 7 == 0, slice.isOver { return }
    }
    if nextStart == starts.count { forgetStarts() }
    if nextTimeout == timeouts.count {
      timeouts = []
      nextTimeout = 0
    }
  }

  /// Starts what follows other runs, for a while: then it is the turn of what has come.
  private func startSuccessors() {
    let start = HandlerStart(environment.clock)
    let end = min(start.at + Self.successorTime, sliceEnd)
    handlerStart = start
    defer { handlerStart = nil }
    while preempted == nil, hasSuccessors {
      nextSuccessor += 1
      begin(successors[nextSuccessor - 1])
      guard handlerStart?.at ?? Clocks.monotonic() < end else { break }
    }
    guard nextSuccessor == successors.count || nextSuccessor > 256 else { return }
    successors.removeFirst(nextSuccessor)
    nextSuccessor = 0
  }

  /// In nanoseconds.
  private static let successorTime: Int64 = 50_000

  /// How long the timekeeper may be left asleep by runs that end, in nanoseconds: so that events that come close together
  /// wake it once. A run that goes on computing leaves it asleep until the slice is over.
  private static let longestDeferral: Int64 = 50_000

  /// To be called before something is posted quietly, by the run on the worker.
  func noteDeferredPost() { deferredSince = deferredSince ?? Clocks.monotonic() }

  private func flushDeferred() {
    guard deferredSince != nil else { return }
    deferredSince = nil
    if environment.inbox.flushDeferred() { pendingWake = .everything }
  }

  /// Does the timekeeper's work instead of waking its thread.
  private func flushWake() {
    guard let reason = pendingWake else { return }
    pendingWake = nil
    environment.stepInline(reason)
  }

  /// Gives their storage back.
  private func forgetStarts() {
    starts = []
    nextStart = 0
    batch.removeAll()
  }

  /// Whether virtual time has not come as far as the preempted run computes; nothing but a cancellation ends that.
  private func isComputing() -> Bool {
    guard let computing, case (let coroutine, var run)? = preempted else { return false }
    let now = environment.clock.elapsed
    let isCancelled = run.isDue(elapsed: now) && isolate?.wasInterrupted(coroutine) == false
    guard now >= computing.end || isCancelled else { return true }
    if computing.isUncounted { run.cpu += now - computing.since }
    preempted = (coroutine, run)
    self.computing = nil
    return false
  }

  /// Asked again until nothing has come: what comes while some of the former is left has notified nobody else.
  private func takeMessages() {
    guard !hasMessages else { return }
    postReports()  // of what has ended: else its jobs would seem busy when they are due again
    // A burst's storage is not kept for good.
    taken.removeAll(keepingCapacity: taken.capacity <= 4096)
    next = 0
    mailbox.take(into: &taken)
  }

  /// Takes out of what has come the runs that have not begun and that a cancellation hits.
  func takeUnbegun(where isHit: (Dispatch) -> Bool) -> [Dispatch] {
    var more: [IsolateMessage] = []
    mailbox.take(into: &more)
    var unbegun: [Dispatch] = []
    func keep(_ dispatches: ArraySlice<Dispatch>) -> [Dispatch] {
      unbegun += dispatches.filter(isHit)
      return dispatches.filter { !isHit($0) }
    }
    starts = keep(starts[nextStart...])
    nextStart = 0
    successors = keep(successors[nextSuccessor...])
    nextSuccessor = 0
    batch.removeAll()
    taken = (taken[next...] + more).map { message in
      if case .starts(let dispatches) = message { .starts(keep(dispatches[...])) } else { message }
    }
    next = 0
    return unbegun
  }

  private func handle(_ message: IsolateMessage) {
    switch message {
    case .load(let done): beginLoad(done)
    case .starts(let dispatches):
      starts = dispatches
      nextStart = 0
    case .resume(let park, let resumption): resume(park, resumption)
    case .timeouts(let parks):
      timeouts = parks
      nextTimeout = 0
    case .release(let handle):
      for callback in registry.release(handle) { isolate?.release(callback) }
    case .evaluate(let request, let tell): evaluate(request, tell)
    case .call(let function, let arguments, let tell): call(function, arguments, tell)
    }
  }

  private func begin(_ dispatch: Dispatch) {
    if environment.isDry {
      completeDry(dispatch)
    } else if privateRun == nil {
      guard !startHandler(dispatch) else { return }
      handlerStart = nil  // it will be later
      start(dispatch)
    } else {
      loadAndStart(dispatch)
    }
  }

  /// Begins a wait of the run on the worker: its values come by `wake`, or `.timeout` at the deadline. The run's own
  /// limit wakes it too.
  package func park(_ coroutine: UInt32, until deadline: Int64?) -> ParkID {
    let park = newPark(of: coroutine)
    beginningPark = (park, deadline)
    let limit = current?.waitLimit(
      wasInterrupted: isolate?.wasInterrupted(coroutine) ?? false,
      now: environment.clock.elapsed)
    let wakesAt = min(deadline ?? .max, limit ?? .max)
    guard wakesAt != .max else { return park }
    if environment.inbox.park(park, until: wakesAt) { noteDeferredPost() }
    notePosted()
    return park
  }

  func newPark(of coroutine: UInt32) -> ParkID {
    serial += 1
    return ParkID(generation: generation, coroutine: coroutine, serial: serial)
  }
}
