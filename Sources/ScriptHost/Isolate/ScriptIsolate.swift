import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Synchronization
import SystemCalls
import Triggers
import WorkerPool

/// One generation of a script: its isolate as an actor with a mailbox, on at most one worker at a time.
///
/// `@unchecked Sendable`: mutable state without a lock belongs to the worker whose turn it is (the pool gives one turn
/// at a time, and its lock orders turns); the `staged…` arrays belong to the thread that holds the core lock;
/// `privateTemplate` is set before the timekeeper gets the isolate.
package final class ScriptIsolate: PoolMember, IsolateHost, @unchecked Sendable {
  package let generation: GenerationID
  /// The generation whose jobs run here: `generation`, except in a private isolate.
  let ownerGeneration: GenerationID
  /// What private isolates are made from; nil where no job has `isolate = "run"`.
  package var privateTemplate: PrivateIsolateTemplate?
  /// The one run of a private isolate; nil in the isolate of a script.
  var privateRun: PrivateRun?
  package let script: ScriptID
  package let name: String
  package let memberState = MemberState()
  package let mailbox = Mailbox()
  let environment: ScriptEnvironment
  package let source: ScriptSource
  let functions: [HostFunction]

  /// Messages that the thread stepping the core collects and appends to the mailbox at once: first these, then starts
  /// and timeouts.
  package var staged: [IsolateMessage] = []
  package var stagedStarts: [Dispatch] = []
  package var stagedTimeouts: [ParkID] = []

  // Everything below belongs to the worker.
  var isolate: Isolate?
  private var messages: [IsolateMessage] = []
  private var nextMessage = 0
  /// Runs to start, from `nextStart` on. They go before `messages`.
  private(set) var starts: [Dispatch] = []
  var nextStart = 0
  /// Runs whose event comes from a lease. They go after all messages.
  var successors: [Dispatch] = []
  /// Waits that are over, from `nextTimeout` on. They go after `starts`.
  var timeouts: [ParkID] = []
  var nextTimeout = 0
  /// The next turns of `starts`, or if there are none, of `timeouts`.
  var batch = RunBatch()
  /// The turn of one run.
  var single = RunBatch(capacity: 1)
  /// The runs of the batch under way, and when it began.
  var entrants = Entrants.none
  var entryTime = EntryTime(elapsed: 0, batch: BatchTime(now: 0))
  /// When the next batch begins, if that is at once after the one before; else nil, and the clocks are read.
  var nextTime: EntryTime?
  /// True while successors start one after the other, each at once after the one before.
  private(set) var isChaining = false
  /// Monotonic time by which this worker must flush what it has posted; nil if it need not.
  private var flushDueAt: Int64?
  /// Ends of runs that the core does not know yet; `lastReports` come after these.
  var reports: [RunEnds] = []
  var lastReports = RunEnds()
  /// Elapsed time by which the core must know of `reports` and `lastReports`.
  var reportsDueAt = Int64.max
  /// Runs that wait.
  var live = LiveRunTable()
  /// The run whose slice is over. It continues before anything else starts.
  var preempted: (coroutine: UInt32, run: LiveRun)?
  /// The run that was preempted last and has not waited since.
  var busy: BusyRun?
  /// Simulation only: how long the preempted run computes in virtual time. Nothing else has a turn until its end.
  var computation: Computation?
  /// The number of the last park.
  private var serial: UInt64 = 0
  private let retired = Atomic<Bool>(false)
  var sliceEnd: Int64 = .max
  var loading: LoadInProgress?
  /// The run that executes now; nil outside of Lua, and in a batch until a host function needs it.
  var current: LiveRun?
  /// The wait that the current host call has begun.
  var pendingPark: (park: ParkID, deadline: Int64?)?
  var registry: JobRegistry
  /// Collects all bad registrations of a load; nil where the first one fails the load.
  package var mistakes: MistakeList?
  /// Warnings about the script's text, at most one per line.
  package internal(set) var warnings = WarningList()
  package var modules: ModuleFinder
  var moduleLoads = ModuleLoads()
  /// Elapsed times of the evictions of the last minute.
  var evictions: [Int64] = []
  /// Handlers of the events that the script has emitted, by event name.
  var routes: [String: EventRoute] = [:]
  package let permissions: ScriptPermissions
  let budgets: ScriptBudgets
  /// Number of inputs posted to the core so far.
  var posted: UInt64 = 0
  let inputQuota = InputQuota()
  package let memory: ScriptMemory
  /// A Lua function that matches an error with `retry.unless`; compiled at its first use.
  var matcher: CallbackID?

  init(
    generation: GenerationID, script: ScriptID, source: ScriptSource,
    environment: ScriptEnvironment,
    functions: [HostFunction]
  ) {
    self.generation = generation
    ownerGeneration = generation
    self.script = script
    self.name = source.name
    self.source = source
    self.environment = environment
    self.functions = functions
    registry = JobRegistry(scriptName: source.name)
    modules = ModuleFinder(source: source)
    permissions = environment.permissions(of: script, source)
    budgets = ScriptBudgets(environment.configuration)
    memory = ScriptMemory(environment.newAccount(ofScript: source.name))
    environment.liveIsolates.wrappingAdd(1, ordering: .relaxed)
  }

  /// A new generation of a script.
  package convenience init(
    _ script: ScriptID, _ source: ScriptSource, in environment: ScriptEnvironment
  ) {
    self.init(
      generation: environment.newGeneration(), script: script, source: source,
      environment: environment, functions: environment.functions.all)
  }

  /// A private isolate for one run of `owner`.
  init(_ run: PrivateRun, of owner: ScriptIsolate, privateTemplate: PrivateIsolateTemplate) {
    generation = owner.environment.newGeneration()
    ownerGeneration = owner.generation
    script = owner.script
    name = owner.name
    source = owner.source
    environment = owner.environment
    functions = owner.functions
    registry = privateTemplate.registry
    modules = privateTemplate.modules
    permissions = owner.permissions
    budgets = owner.budgets
    memory = ScriptMemory(sharing: owner.memory, cap: privateTemplate.memory)
    privateRun = run
    batch = RunBatch(capacity: 1)
    environment.liveIsolates.wrappingAdd(1, ordering: .relaxed)
  }

  deinit { environment.liveIsolates.wrappingSubtract(1, ordering: .relaxed) }

  /// True while the script loads: for the first time, after an eviction, or for a private isolate.
  package var isLoading: Bool { loading != nil }

  // MARK: From other threads

  package func post(_ message: IsolateMessage) {
    mailbox.append(message)
    environment.pool.notify(self)
  }

  package func wake(_ park: ParkID, _ resumption: Resumption) { post(.resume(park, resumption)) }

  /// Frees the Lua state with one last turn. No run may be under way or follow.
  package func retire() {
    retired.store(true, ordering: .sequentiallyConsistent)
    environment.pool.notify(self)
  }

  // MARK: Turns

  package func turn(_ slice: TurnSlice) -> TurnEnd {
    let hasMore = runTurn(slice)
    guard flushDueAt != nil else { return hasMore ? .more : .idle }
    guard hasMore else { return .pendingWake }
    flush()
    return .more
  }

  package func afterTurn() -> Bool {
    flush()
    return !mailbox.isEmpty
  }

  private func runTurn(_ slice: TurnSlice) -> Bool {
    if retired.load(ordering: .acquiring) {
      isolate = nil
      return false
    }
    sliceEnd = slice.end
    if mailbox.consumeStateRequest() { logState() }
    for cancellation in mailbox.drainCancellations() { cancelRuns(cancellation) }
    guard !isComputing() else { return false }
    guard !awaitsRoom() else {
      busy = nil  // a script without a turn does not compute
      return false
    }
    if let (coroutine, run) = preempted {
      preempted = nil
      proceed(coroutine, run)
    }
    handleMessages(slice)
    postReports()
    memory.setRuns(waiting: live.count, unbegun: starts.count - nextStart)
    if privateRun?.isOver == true {
      isolate = nil
      environment.inbox.post(.detach(generation))
      return false
    }
    guard computation == nil else { return mailbox.hasCancellations }
    return hasMessages || hasSuccessors || preempted != nil || mailbox.hasCancellations
  }

  private var hasMessages: Bool {
    nextStart < starts.count || nextTimeout < timeouts.count || nextMessage < messages.count
  }

  private var hasSuccessors: Bool { !successors.isEmpty }

  private func handleMessages(_ slice: TurnSlice) {
    var handled = 0
    while preempted == nil {
      if hasSuccessors, !hasMessages { startSuccessors() }
      guard preempted == nil else { break }
      fetchMessages()
      guard hasMessages || hasSuccessors else { break }
      if let flushDueAt, flushDueAt < Clocks.monotonic() { flush() }
      guard hasMessages else {
        if slice.isOver { return }
        continue
      }
      if nextStart < starts.count {
        startNext()
      } else if nextTimeout < timeouts.count {
        resumeNext()
      } else {
        nextMessage += 1
        handle(messages[nextMessage - 1])
      }
      handled += 1
      // A batch of several runs may have used up the slice.
      if handled & 7 == 0 || batch.left > 0, slice.isOver { return }
    }
    if nextStart == starts.count { forgetStarts() }
    if nextTimeout == timeouts.count {
      timeouts = []
      nextTimeout = 0
    }
  }

  /// Starts successors for at most ``successorTime``; then messages have their turn. One reading of the clocks serves them
  /// all.
  private func startSuccessors() {
    isChaining = true
    defer {
      isChaining = false
      nextTime = nil
    }
    let end = min(Clocks.monotonic() + Self.successorTime, sliceEnd)
    repeat {
      if nextStart == starts.count {
        swap(&starts, &successors)
        nextStart = 0
        successors.removeAll(keepingCapacity: successors.capacity <= 16)
      }
      startNext()
    } while preempted == nil && (nextStart < starts.count || hasSuccessors)
      && nextTime?.batch.now ?? Clocks.monotonic() < end
  }

  /// In nanoseconds.
  private static let successorTime: Int64 = 50_000

  /// How long a deferred post may wait, in nanoseconds: events in quick succession step the core once, or would cost
  /// 2.9 times as much (SpeedBenchmark `event 100`). While one run computes, the post waits for the end of the slice.
  private static let deferralLimit: Int64 = 50_000

  /// Call this with a deferred post; with a limit of 0 if the post must not wait.
  func flushSoon(in limit: Int64 = ScriptIsolate.deferralLimit) {
    if limit == 0 { flushDueAt = 0 }
    flushDueAt = flushDueAt ?? Clocks.monotonic() + limit
  }

  /// Steps the core on this thread, if nobody else has read the posts.
  private func flush() {
    flushDueAt = nil
    if environment.inbox.flush() { environment.stepInline() }
  }

  /// Also gives the storage back.
  private func forgetStarts() {
    starts = []
    nextStart = 0
    batch.removeAll()
  }

  /// Callers repeat this until nothing has come: a message that arrives during a turn does not notify the pool again.
  private func fetchMessages() {
    guard !hasMessages else { return }
    // Before new messages: else jobs whose runs have ended seem busy when they are due again.
    postReports()
    // Give back the storage of a burst.
    messages.removeAll(keepingCapacity: messages.capacity <= 4096)
    nextMessage = 0
    mailbox.drain(into: &messages)
  }

  /// Removes and returns the runs that have not begun and that a cancellation hits.
  func removeUnbegun(where isHit: (Dispatch) -> Bool) -> [Dispatch] {
    var more: [IsolateMessage] = []
    mailbox.drain(into: &more)
    var unbegun: [Dispatch] = []
    func removeTargets(_ dispatches: ArraySlice<Dispatch>) -> [Dispatch] {
      unbegun += dispatches.filter(isHit)
      return dispatches.filter { !isHit($0) }
    }
    starts = removeTargets(starts[nextStart...])
    nextStart = 0
    successors = removeTargets(successors[...])
    batch.removeAll()
    messages = (messages[nextMessage...] + more).map { message in
      if case .starts(let dispatches) = message {
        .starts(removeTargets(dispatches[...]))
      } else {
        message
      }
    }
    nextMessage = 0
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
    case .lines(let lines): logLines(lines, in: self)
    case .release(let handle):
      for callback in registry.release(handle) { isolate?.release(callback) }
      memory.setJobs(registry.bytes)
    case .evaluate(let request, let reply): evaluate(request, reply)
    case .call(let function, let arguments, let reply): call(function, arguments, reply)
    }
  }

  func makePark(of coroutine: UInt32) -> ParkID {
    serial += 1
    return ParkID(generation: generation, coroutine: coroutine, serial: serial)
  }
}
