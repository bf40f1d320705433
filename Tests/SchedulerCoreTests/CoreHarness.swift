import Testing
import Triggers

@testable import MoonwheelModel
@testable import SchedulerCore

let millisecond: Int64 = 1_000_000
let second: Int64 = 1_000 * millisecond
let hour: Int64 = 3_600 * second

/// Drives a core on a virtual clock. The test sets how long runs last, and the harness records what happens.
///
/// Times are nanoseconds since the harness was made. Each step checks the core's invariants.
final class CoreHarness {
  static let origin: Int64 = 5_000 * second
  static let epoch = Timestamp(seconds: 1_800_000_000)
  static let script = ScriptID(rawValue: 1)

  /// A run under way.
  struct ActiveRun {
    var dispatch: Dispatch
    var job: String
    var startedAt: Int64
    var endsAt: Int64?
  }

  struct Start: Equatable {
    var job: String
    /// The time of the start and, in `due`, the nominal instant.
    var at: Int64
    var due: Int64
    var number: Int64
    var attempt: Int32
    var run: Run.ID
    var generation: UInt32
    var payload: Value
  }

  var core: SchedulerCore
  var effects = Effects()
  var now: Int64 = 0
  /// The step of the wall clock, in nanoseconds.
  var step: Int64 = 0
  /// How long the runs of a job last; 0 by default. The test ends runs that last for ever with
  /// ``finish(_:_:details:)``.
  var durations: [String: Int64] = [:]
  var active: [ActiveRun] = []
  var starts: [Start] = []
  var events: [(at: Int64, event: HostEvent)] = []
  var dequeued: [JobID] = []
  var wakes: [ParkID] = []
  /// The jobs whose runs the core wanted to interrupt, and the run that asked for it.
  var cancels: [(JobID, except: Run.ID?)] = []
  var closes: [UInt32] = []
  var releases: [JobHandle] = []
  var subscriptions: [JobID: EventPattern] = [:]
  var drained = 0
  var generation: UInt32 = 0
  var answers: [JobAnswer] = []
  var requests: [NextFireRequest] = []
  var clockSteps: [ClockStep] = []
  var kept: [KeptJobs] = []
  /// Answers requests at once. The parameter is the instant of the request in nanoseconds since the harness was made.
  /// Nil leaves requests open.
  var answerNextFire: ((Int64) -> Result<Timestamp?, RunFailure>)?
  /// Hooks that have started. They end with ``finishHooks()``.
  var hooks: [Dispatch] = []
  /// Leased events that have not begun.
  private var leased: [LeasedEvent] = []
  /// The number of leased events that have begun, by lease.
  private var begun: [Run.ID: Int] = [:]
  /// The number of runs that have ended and are not reported to the core.
  private var unreported = 0
  private var names: [UInt32: [UInt32: String]] = [:]

  /// Makes changes in the store. Returns the error if it cannot.
  var commit: (([StoreWrite]) throws -> StoreError?)?

  init() {
    core = SchedulerCore(
      clock: ClockReading(elapsed: Self.origin, wall: Self.epoch), firstRun: Run.ID(rawValue: 1))
  }

  /// A host that continues with a store at `now`, with its wall clock set by `step`.
  init(stored: StoredState, now: Int64 = 0, step: Int64 = 0) {
    self.now = now
    self.step = step
    core = SchedulerCore(
      clock: ClockReading(
        elapsed: Self.origin + now, wall: Self.epoch.advanced(by: now + step)),
      firstRun: Run.ID(rawValue: 1), stored: stored, isDurable: true)
  }

  var isIdle: Bool { core.isIdle }
  var wantsReports: Bool { core.wantsReports }
  /// The time of the next call that the core asks for.
  var deadline: Int64? { core.nextDeadline.map { $0 - Self.origin } }

  var reading: ClockReading {
    ClockReading(elapsed: Self.origin + now, wall: Self.epoch.advanced(by: now + step))
  }

  // MARK: Inputs

  func handle(_ input: Input) {
    let leases = core.leases(concerning: input)
    if !leases.isEmpty {
      leased.removeAll { event in leases.contains { $0.id == event.lease } }
      let closed = leases.map { ClosedLease(job: $0.job, begun: begun[$0.id] ?? 0) }
      core.handle(.leasesClosed(closed), at: reading, into: &effects)
    }
    core.handle(input, at: reading, into: &effects)
    perform()
  }

  func install(
    _ jobs: [TestJob], script: ScriptID = CoreHarness.script, formerly: [String] = []
  ) {
    generation += 1
    let registrations = jobs.enumerated().map { $1.registration(index: UInt32($0)) }
    names[generation] = Dictionary(
      uniqueKeysWithValues: jobs.enumerated().map { (UInt32($0), $1.name) })
    handle(
      .install(
        Installation(
          script: script, name: "s\(script.rawValue).lua",
          generation: GenerationID(rawValue: generation),
          registrations: registrations, formerly: formerly)))
  }

  func register(_ job: TestJob, index: UInt32, generation: UInt32? = nil) {
    let generation = generation ?? self.generation
    names[generation]?[index] = job.name
    handle(
      .register(
        Self.script, GenerationID(rawValue: generation),
        job.registration(index: index, isDynamic: true)))
  }

  @discardableResult
  func command(_ name: String, _ command: JobCommand) -> JobAnswer {
    handle(.named(Self.script, name: name, command, request: 0))
    return answers.removeLast()
  }

  func status(_ name: String) -> JobStatus? {
    core.index(named: name, of: Self.script).map { core.status(of: $0) }
  }

  func trigger(_ name: String, _ arguments: Value = .nil) -> Run.ID? {
    if case .run(let run) = command(name, .enqueue(arguments, at: .now)) { run } else { nil }
  }

  func emit(_ name: String) {
    let handlers = subscriptions.filter { $0.value.matches(name) }.keys
    handle(.event(Event(name: name), handlers: handlers.sorted { $0.index < $1.index }))
  }

  /// Ends the oldest run of a job.
  func finish(
    _ name: String, _ outcome: Run.Outcome = .succeeded(.nil), details: RunEndDetails? = nil
  ) {
    guard let index = active.firstIndex(where: { $0.job == name }) else {
      Issue.record("no run of \(name) is under way")
      return
    }
    finish(at: index, outcome, details: details)
  }

  func finishHooks() {
    while !hooks.isEmpty {
      let hook = hooks.removeFirst()
      handle(.finished(RunEnd(hook, outcome: .succeeded(.nil), startedAt: 0, endedAt: 0)))
    }
  }

  func finish(
    at index: Int, _ outcome: Run.Outcome = .succeeded(.nil), details: RunEndDetails? = nil
  ) {
    report(end(at: index, outcome, details: details))
  }

  func report(_ report: RunEnd) {
    unreported -= 1
    handle(.finished(report))
  }

  /// Ends a run as a worker does: it starts the next event of a lease itself. Returns the report for the core.
  func end(
    at index: Int, _ outcome: Run.Outcome = .succeeded(.nil), details: RunEndDetails? = nil
  ) -> RunEnd {
    unreported += 1
    let startedAt = active[index].startedAt
    var run = active.remove(at: index).dispatch
    if let lease = run.extras?.content.lease, case .succeeded = outcome,
      let next = leased.firstIndex(where: { $0.lease == lease })
    {
      start(Dispatch(leased.remove(at: next), following: run))
      begun[lease, default: 0] += 1
      run.hasSuccessor = true
    }
    return RunEnd(
      run, outcome: outcome, startedAt: Self.origin + startedAt, endedAt: Self.origin + now,
      details: details)
  }

  /// Lets workers start the next event of a handler without the core.
  func allowLeases() {
    handle(.interest(HostEvent.Interest { $0 != .runStarted }, listensToRuns: false))
  }

  // MARK: Time

  /// Runs like a host that always wakes in time: at each deadline, and at the end of each run.
  func run(until end: Int64) {
    while true {
      endRuns()
      let deadline = deadline.map { max($0, now) } ?? .max
      let ending = active.compactMap(\.endsAt).min() ?? .max
      let next = min(deadline, ending)
      guard next <= end else { break }
      now = max(now, next)
      endRuns()
      advance()
    }
    jump(to: end)
  }

  /// Advances like a host that was stalled until the instant.
  func jump(to instant: Int64) {
    now = instant
    advance()
    endRuns()
  }

  private func advance() {
    // A low limit, so that tests of several due timers also test that the core continues with the rest.
    while core.advance(to: reading, into: &effects, atMost: 2) { perform() }
    perform()
  }

  private func endRuns() {
    while let index = active.firstIndex(where: { $0.endsAt.map { $0 <= now } ?? false }) {
      finish(at: index)
    }
  }

  // MARK: Effects

  private func perform() {
    for change in effects.subscriptions {
      switch change {
      case .subscribe(let job, _, let pattern, _): subscriptions[job] = pattern
      case .unsubscribe(let job): subscriptions[job] = nil
      }
    }
    leased += effects.leased
    for dispatch in effects.dispatches { start(dispatch) }
    events += effects.events.map { (now, $0) }
    dequeued += effects.dequeued
    wakes += effects.wakes
    cancels += effects.cancels.map { ($0.job, $0.except) }
    closes += effects.closes.map(\.rawValue)
    releases += effects.releases.map(\.1)
    answers += effects.answers.map(\.1) + effects.namedAnswers.map(\.1)
    clockSteps += effects.clockSteps
    kept += effects.kept
    drained += effects.isDrained ? 1 : 0
    let writes = effects.writes
    let requests = effects.requests
    effects.removeAll()
    store(writes)
    answer(requests)
    core.checkInvariants()
    let isIdle = core.isIdle
    let waitsForStore = !core.store.awaitedWrites.isEmpty
    #expect(isIdle == (active.isEmpty && hooks.isEmpty && unreported == 0) || waitsForStore)
  }

  private func answer(_ requests: [NextFireRequest]) {
    self.requests += requests
    guard let answerNextFire else { return }
    for request in requests {
      answer(answerNextFire(Self.epoch.distance(to: request.after)), to: request)
    }
  }

  /// Answers a request; the last one by default.
  func answer(_ next: Result<Timestamp?, RunFailure>, to request: NextFireRequest? = nil) {
    guard let request = request ?? requests.last else {
      Issue.record("there is no request")
      return
    }
    handle(.nextFireAnswered(NextFireAnswer(request, next)))
  }

  private func store(_ writes: [StoreWrite]) {
    guard !writes.isEmpty, let commit else { return }
    do {
      let failure = try commit(writes)
      let tickets = writes.map(\.ticket).filter { $0 != 0 }
      if !tickets.isEmpty { handle(.stored(tickets: tickets, failure: failure)) }
    } catch {
      Issue.record(error)
    }
  }

  private func start(_ dispatch: Dispatch) {
    guard dispatch.extras?.content.hook == nil else {
      hooks.append(dispatch)
      return
    }
    let job = names[dispatch.generation.rawValue]?[dispatch.handle.index] ?? "?"
    let payload: Value =
      switch dispatch.payload {
      case .none: .nil
      case .arguments(let value): value
      case .event(let event): .string(event.name)
      case .events(let events): .list(events.map { .string($0.name) })
      }
    let due = Self.epoch.advanced(by: step).distance(to: dispatch.scheduledAt)
    #expect(due <= now, "\(job) is early by \(due - now) ns")
    starts.append(
      Start(
        job: job, at: now, due: due, number: dispatch.number, attempt: dispatch.attempt,
        run: dispatch.run,
        generation: dispatch.generation.rawValue, payload: payload))
    let duration = durations[job] ?? 0
    active.append(
      ActiveRun(
        dispatch: dispatch, job: job, startedAt: now,
        endsAt: duration == .max ? nil : now + duration))
  }
}

extension CoreHarness {
  /// The events of a kind, as `job: reason`.
  func reasons(_ kind: HostEvent.Kind) -> [String] {
    events.filter { $0.event.kind == kind }.map { "\($0.event.job): \($0.event.reason ?? "")" }
  }

  func count(_ kind: HostEvent.Kind) -> Int { events.count { $0.event.kind == kind } }

  /// The events of a job, with a character for each step: `.` nothing, `S` a start, `x` a skipped fire, `m` a missed
  /// fire, `(...)` several.
  func timeline(_ job: String, each step: Int64 = second, until end: Int64) -> String {
    (0...(end / step)).map { slot in
      let marks = events.compactMap { at, event -> String? in
        guard event.job == job, at / step == slot else { return nil }
        return switch event.kind {
        case .runStarted: "S"
        case .runSkipped: "x"
        case .runMissed: String(repeating: "m", count: Int(event.count))
        default: nil
        }
      }.joined()
      return marks.isEmpty ? "." : marks.count == 1 ? marks : "(\(marks))"
    }.joined()
  }
}

/// A short way to write jobs in tests.
struct TestJob {
  var name: String
  var trigger: JobTrigger
  var policy = JobPolicy()
  var isNamed = true

  func registration(index: UInt32, isDynamic: Bool = false) -> Registration {
    Registration(
      handle: JobHandle(index: index, reuse: 0), name: name, trigger: trigger,
      policy: SharedPolicy(policy), callback: CallbackID(rawValue: Int32(index)), line: 0,
      isDynamic: isDynamic, isNamed: isNamed)
  }

  static func every(_ name: String, _ period: Int64, _ policy: JobPolicy = JobPolicy()) -> TestJob {
    TestJob(name: name, trigger: .time(.every(nanoseconds: period)), policy: policy)
  }

  static func after(_ name: String, _ delay: Int64) -> TestJob {
    TestJob(name: name, trigger: .time(.after(nanoseconds: delay)))
  }

  static func on(
    _ name: String, _ pattern: String, _ policy: JobPolicy = JobPolicy(overlap: .queue, backlog: 3)
  ) throws -> TestJob {
    TestJob(name: name, trigger: .event(try EventPattern(pattern)), policy: policy)
  }

  static func spec(
    _ name: String, _ spec: String, _ policy: JobPolicy = JobPolicy(),
    now: Timestamp = CoreHarness.epoch
  ) throws -> TestJob {
    let trigger = try Trigger.parse(spec: spec, TriggerOptions(now: now))
    return TestJob(name: name, trigger: .time(trigger), policy: policy)
  }

  static func custom(_ name: String) -> TestJob {
    TestJob(name: name, trigger: .custom(CallbackID(rawValue: 77)))
  }

  static func onDemand(_ name: String) -> TestJob { TestJob(name: name, trigger: .onDemand) }
}
