import MoonwheelCore
import Synchronization
import Triggers
import WorkerPool

/// The thread that owns the core and the wheel: it takes inputs and the time, and performs the effects.
final class Timekeeper: Sendable {
  let inbox: Inbox
  fileprivate let clock: any SchedulerClock
  fileprivate let bus: EventBus
  fileprivate let pool: WorkerPool
  fileprivate let store: any JobStore
  fileprivate let writer: StoreWriter?
  private let stored: StoredState
  fileprivate let requests = Mutex<[UInt64: @Sendable (JobAnswer) -> Void]>([:])
  private let nextRequest = Atomic<UInt64>(1)
  fileprivate let onHostEvent: @Sendable (HostEvent) -> Void
  fileprivate let onClockStep: @Sendable (Int64) -> Void
  fileprivate let onQuestion: @Sendable (CoreSummary) -> Void
  fileprivate let onDrained: @Sendable () -> Void
  private let thread = Mutex<OSThread?>(nil)

  init(
    clock: any SchedulerClock, inbox: Inbox, bus: EventBus, pool: WorkerPool,
    store: any JobStore, writer: StoreWriter?, stored: StoredState,
    onHostEvent: @escaping @Sendable (HostEvent) -> Void,
    onClockStep: @escaping @Sendable (Int64) -> Void,
    onQuestion: @escaping @Sendable (CoreSummary) -> Void, onDrained: @escaping @Sendable () -> Void
  ) {
    self.clock = clock
    self.inbox = inbox
    self.bus = bus
    self.pool = pool
    self.store = store
    self.writer = writer
    self.stored = stored
    self.onHostEvent = onHostEvent
    self.onClockStep = onClockStep
    self.onQuestion = onQuestion
    self.onDrained = onDrained
  }

  func start() throws(SystemCallError) {
    let thread = try OSThread(name: "mw-timekeeper") { [self] in
      OSThread.setTimerSlack(nanoseconds: 1)
      var loop = TimekeeperLoop(timekeeper: self, stored: stored)
      loop.run()
    }
    self.thread.withLock { $0 = thread }
  }

  func stop() {
    inbox.post(.stop)
    thread.withLock { $0 }?.join()
  }

  /// Sends a command to a job by name; the answer comes on the timekeeper's thread. With `drains` nothing but what the
  /// command starts will start.
  func command(
    _ command: JobCommand, script: ScriptID, job: String, drains: Bool = false,
    answer: @escaping @Sendable (JobAnswer) -> Void
  ) {
    let request = nextRequest.wrappingAdd(1, ordering: .relaxed).oldValue
    requests.withLock { $0[request] = answer }
    let input = Inbox.Item.input(.named(script, name: job, command, request: request))
    inbox.post(drains ? [input, .input(.drain)] : [input])
  }
}

/// What the timekeeper's thread keeps on its stack.
private struct TimekeeperLoop: ~Copyable {
  let timekeeper: Timekeeper
  var core: SchedulerCore
  var effects = Effects()
  var items: [Inbox.Item] = []
  var reports: [RunReport] = []
  var isolates: [GenerationID: ScriptIsolate] = [:]
  var touched: [ScriptIsolate] = []
  var calls: [@Sendable () -> Void] = []
  var interestVersion: UInt64 = 0
  var isStopped = false
  /// Changes of a store in memory since it was last kept to its bounds.
  var unpruned = 0

  init(timekeeper: Timekeeper, stored: StoredState) {
    self.timekeeper = timekeeper
    let clock = timekeeper.clock.read()
    // 41 bits of milliseconds since 1970 and 23 bits to count in: unique after a restart.
    let first = UInt64(max(0, clock.wall.nanoseconds / 1_000_000)) << 23
    core = SchedulerCore(
      clock: clock, firstRun: Run.ID(rawValue: first), stored: stored,
      isDurable: timekeeper.store.isDurable)
  }

  mutating func run() {
    while !isStopped {
      timekeeper.inbox.take(into: &items, reports: &reports)
      updateInterest()
      var now = timekeeper.clock.read()
      takeReports(at: now)
      for (position, item) in items.enumerated() {
        take(item, at: now)
        // A script may have posted very many: what is due meanwhile does not wait for them all.
        guard position & 255 == 255 else { continue }
        now = timekeeper.clock.read()
        timekeeper.inbox.take(reports: &reports)
        takeReports(at: now)
        core.advance(to: now, into: &effects)
        perform()
      }
      items.removeAll(keepingCapacity: items.capacity <= 4_096)  // a burst's storage is given back
      core.advance(to: timekeeper.clock.read(), into: &effects)
      perform()
      guard !isStopped else { return }
      let deadline = core.nextDeadline
      if timekeeper.inbox.fallAsleep(until: deadline, wantsReports: core.wantsReports) {
        timekeeper.clock.sleep(until: deadline, on: timekeeper.inbox.alarm)
      }
    }
  }

  private mutating func takeReports(at now: ClockReading) {
    core.handle(reports, at: now, into: &effects)
    reports.removeAll(keepingCapacity: reports.capacity <= 4_096)
  }

  private mutating func updateInterest() {
    let version = timekeeper.bus.interestVersion
    guard version != interestVersion else { return }
    interestVersion = version
    core.interest = timekeeper.bus.interest
    core.listensToRuns = timekeeper.bus.listensToRuns
  }

  private mutating func take(_ item: Inbox.Item, at now: ClockReading) {
    switch item {
    case .input(let input): core.handle(input, at: now, into: &effects)
    case .cancelAll(let reason):
      for isolate in isolates.values { cancel(CancelRuns(reason: reason), in: isolate) }
    case .call(let body): calls.append(body)
    case .logState: logState()
    case .attach(let isolate): isolates[isolate.generation] = isolate
    case .detach(let generation): isolates[generation] = nil
    case .stop: isStopped = true
    }
  }

  private func logState() {
    timekeeper.onQuestion(core.summary)
    for isolate in isolates.values.sorted(by: { $0.name < $1.name }) {
      isolate.mailbox.ask()
      timekeeper.pool.notify(isolate)
    }
  }

  private mutating func perform() {
    store()
    for change in effects.subscriptions { timekeeper.bus.apply(change) }
    timekeeper.bus.taken(effects.taken)
    dispatch()
    for (park, answer) in effects.answers { wake(park, .values(answer.values)) }
    for park in effects.wakes { wake(park, .timeout) }
    for (script, job, except) in effects.cancels {
      for isolate in isolates.values where isolate.script == script {
        cancel(CancelRuns(job: job, except: except, reason: "the job was cancelled"), in: isolate)
      }
    }
    for (generation, handle, _) in effects.releases {
      guard let isolate = isolates[generation] else { continue }
      stage(.release(handle), for: isolate)
    }
    consult()
    for isolate in touched { timekeeper.pool.deliverStaged(to: isolate) }
    touched.removeAll(keepingCapacity: true)
    for generation in effects.closes { isolates.removeValue(forKey: generation)?.retire() }
    for event in effects.events { timekeeper.onHostEvent(event) }
    for (request, answer) in effects.namedAnswers {
      timekeeper.requests.withLock { $0.removeValue(forKey: request) }?(answer)
    }
    for step in effects.clockSteps { timekeeper.onClockStep(step) }
    if effects.isDrained { timekeeper.onDrained() }
    effects.removeAll()
    for body in calls { body() }
    calls.removeAll(keepingCapacity: true)
  }

  /// Hands changes to the writer, or makes them where they cost nothing.
  private mutating func store() {
    guard !effects.writes.isEmpty else { return }
    if let writer = timekeeper.writer {
      writer.append(effects.writes)
      return
    }
    do {
      try timekeeper.store.commit(effects.writes.map(\.change), isDurable: false)
      unpruned += effects.writes.count
      guard unpruned > 1_000 else { return }
      unpruned = 0
      while try timekeeper.store.prune() {}
    } catch {
      preconditionFailure("the store in memory refused a change: \(error)")
    }
  }

  private mutating func dispatch() {
    var isolate: ScriptIsolate?
    for dispatch in effects.dispatches {
      if isolate?.generation != dispatch.generation { isolate = isolates[dispatch.generation] }
      guard let isolate else { continue }
      let place = isolate.place(for: dispatch)
      if place !== isolate { isolates[place.generation] = place }
      stage(.start(dispatch), for: place)
    }
  }

  private mutating func consult() {
    for question in effects.questions {
      guard let isolate = isolates[question.generation] else { continue }
      let inbox = timekeeper.inbox
      stage(.consult(question) { inbox.post(.foretold($0)) }, for: isolate)
    }
  }

  private mutating func wake(_ park: ParkID, _ resumption: Resumption) {
    guard let isolate = isolates[park.generation] else { return }
    stage(.resume(park, resumption), for: isolate)
  }

  private func cancel(_ runs: CancelRuns, in isolate: ScriptIsolate) {
    isolate.mailbox.append(runs)
    timekeeper.pool.notify(isolate)
  }

  private mutating func stage(_ message: IsolateMessage, for isolate: ScriptIsolate) {
    if isolate.staged.isEmpty { touched.append(isolate) }
    isolate.staged.append(message)
  }
}

extension WorkerPool {
  /// Hands over in one append what the timekeeper has gathered for an isolate.
  fileprivate func deliverStaged(to isolate: ScriptIsolate) {
    isolate.mailbox.append(contentsOf: isolate.staged)
    isolate.staged.removeAll(keepingCapacity: isolate.staged.capacity <= 4_096)
    notify(isolate)
  }
}

extension JobAnswer {
  /// What the script's call returns.
  var values: [Value] {
    switch self {
    case .done: [.bool(true)]
    case .run(let run): [.string(run.description)]
    case .status(let status): [status.value]
    case .times(let times): [.list(times.map { .number(Double($0.nanoseconds) / 1e9) })]
    case .refused(let message, let code): [.nil, .string(message), .string(code)]
    }
  }
}

extension JobStatus {
  var value: Value {
    [
      "state": .string(state.rawValue), "runs": .integer(runs), "running": .integer(Int64(running)),
      "waiting": .integer(Int64(waiting)),
      "next": next.map { .number(Double($0.nanoseconds) / 1e9) } ?? .nil,
      "last": lastStarted.map { .number(Double($0.nanoseconds) / 1e9) } ?? .nil,
      "reason": reason.map { .string($0) } ?? .nil,
    ]
  }
}
