import MoonwheelModel
import SchedulerCore
import ScriptHost
import Triggers
import WorkerPool

/// The core, and what becomes of its effects.
package struct TimekeeperLoop: ~Copyable {
  let timekeeper: Timekeeper
  var core: SchedulerCore
  var effects = Effects()
  private var items: [Inbox.Item] = []
  var reports: [RunReports] = []
  private var isolates: [GenerationID: ScriptIsolate] = [:]
  private var touched: [ScriptIsolate] = []
  private var calls: [@Sendable () -> Void] = []
  private var laterCalls = LaterCalls()
  private var interestVersion: UInt64?
  private var isStopped = false
  /// Somebody else has left more that is due to the timekeeper's thread: it comes before all that has come meanwhile.
  private var isUnfinished = false
  /// Changes since a store that has no writer was last kept to its bounds.
  private var unpruned = 0

  package init(_ timekeeper: Timekeeper) {
    self.timekeeper = timekeeper
    let clock = timekeeper.clock.read()
    // 41 bits of milliseconds since 1970 and 23 bits to count in: unique after a restart.
    let first = UInt64(max(0, clock.wall.nanoseconds / 1_000_000)) << 23
    core = SchedulerCore(
      clock: clock, firstRun: Run.ID(rawValue: first), stored: timekeeper.stored,
      isDurable: timekeeper.store.isDurable)
    core.makeLease = timekeeper.makeLease
  }

  /// What the timekeeper's thread does after a step.
  enum Next {
    case over
    case more
    /// Until an elapsed time, if there is one.
    case sleep(Int64?)
  }

  /// One step of the timekeeper's thread.
  mutating func serve() -> Next {
    guard !isStopped else { return .over }
    step()
    guard !isStopped else { return .over }
    let deadline = deadline
    guard timekeeper.inbox.fallAsleep(until: deadline, wantsReports: core.wantsReports) else {
      return .more
    }
    timekeeper.inbox.alarm.claimDeadline()
    return .sleep(deadline)
  }

  /// When something is due.
  private var deadline: Int64? {
    let next = min(core.nextDeadline ?? .max, laterCalls.next)
    return next == .max ? nil : timekeeper.resolution.up(next)
  }

  /// So much is done at once on another thread than the timekeeper's.
  private static let inlineItemLimit = 256
  private static let inlineStepLimit = 4
  private static let inlineWriteLimit = 64

  /// Steps on another thread than the timekeeper's, for what comes meanwhile too; whether nothing is left for that.
  mutating func stepInline(for reason: WakeReason) -> Bool {
    guard !core.firesAllAtOnce, !isUnfinished else { return false }
    var reason = reason
    for _ in 0..<Self.inlineStepLimit {
      switch reason {
      case .reports:
        guard timekeeper.inbox.drainIfFew(reports: &reports) else { return false }
      case .everything, .spin:
        let isLittle = timekeeper.inbox.drain(
          into: &items, atMost: Self.inlineItemLimit, reports: &reports)
        guard isLittle else { return false }
      }
      updateInterest()
      let now = takeReports(at: timekeeper.clock.read())
      for item in items { take(item, at: now) }
      items.removeAll(keepingCapacity: true)
      laterCalls.take(dueAt: now.elapsed, into: &calls)
      let hasMore = core.advance(to: now, into: &effects, atMost: Self.inlineItemLimit)
      perform(hasMore: hasMore || effects.writes.count > Self.inlineWriteLimit)
      isUnfinished = hasMore
      guard !hasMore, !isStopped, effects.writes.isEmpty else { return false }
      let deadline = deadline
      switch timekeeper.inbox.extendSleep(until: deadline, wantsReports: core.wantsReports) {
      case .asleep:
        timekeeper.inbox.alarm.arm(until: timekeeper.clock.machineTime(of: deadline))
        return true
      case .more(let more): reason = more
      case .mustWake: return false
      }
    }
    return false
  }

  /// Takes what has come and what is due, and performs what follows.
  package mutating func step() {
    if isUnfinished {
      isUnfinished = false
      advance(to: timekeeper.clock.read())
    }
    timekeeper.inbox.drain(into: &items, reports: &reports)
    updateInterest()
    var now = takeReports(at: timekeeper.clock.read())
    for (position, item) in items.enumerated() {
      take(item, at: now)
      // A script may have posted very many: what is due meanwhile does not wait for them all.
      guard position & 31 == 31 || item.isExpensive, isTime(position, since: now) else { continue }
      timekeeper.inbox.drain(reports: &reports)
      now = takeReports(at: timekeeper.clock.read())
      advance(to: now)
    }
    items.removeAll(keepingCapacity: items.capacity <= 4_096)  // a burst's storage is given back
    advance(to: timekeeper.clock.read())
  }

  /// Whether it is time to look at what is due, after so many items or so long.
  private func isTime(_ position: Int, since last: ClockReading) -> Bool {
    position & 255 == 255 || isLong(since: last)
  }

  /// Whether what is due has waited long enough for what has come.
  func isLong(since last: ClockReading) -> Bool {
    timekeeper.clock.elapsed - last.elapsed > 300_000
  }

  /// Fires what is due, some at a time: the first begin to run while the others are looked at. What is kept of them waits
  /// until all that is due has been fired, as far as nothing depends on it.
  private mutating func advance(to time: ClockReading) {
    var now = time
    laterCalls.take(dueAt: now.elapsed, into: &calls)
    var parts = 0
    while core.advance(to: now, into: &effects, atMost: 1_024) {
      parts += 1
      perform(hasMore: effects.writes.count < Self.mostUnstored)
      guard core.wantsReports || parts % Self.partsWithoutReports == 0 else { continue }
      timekeeper.inbox.drain(reports: &reports)
      now = takeReports(at: now)
    }
    perform()
  }

  /// So many changes of a store in memory may wait for fires.
  private static let mostUnstored = 1 << 17
  /// So many parts of what is due are fired before ends of runs are looked at.
  private static let partsWithoutReports = 128

  /// When something is due next, in nanoseconds of elapsed time, if no clock is set before; may be early, never late.
  package var nextDue: Int64? { core.nextDue }

  private mutating func updateInterest() {
    let version = timekeeper.bus.interestVersion
    guard version != interestVersion else { return }
    interestVersion = version
    core.interest = timekeeper.bus.interest
    core.listensToRuns = timekeeper.bus.listensToRuns
    core.revokeLeases()
  }

  private mutating func take(_ item: Inbox.Item, at now: ClockReading) {
    switch item {
    case .input(let input): core.handle(input, at: now, into: &effects)
    case .cancelAll(let reason):
      for isolate in sorted() { cancel(CancelRuns(reason: reason), in: isolate) }
    case .inputsTaken(let quota, let isolate, let count):
      if quota.advance(to: count) { timekeeper.pool.notify(isolate) }
    case .call(let body): calls.append(body)
    case .callAt(let elapsed, let body): laterCalls.add(at: elapsed, body)
    case .logState: logState()
    case .attach(let member, let generation):
      guard let isolate = member as? ScriptIsolate else {
        preconditionFailure("generation \(generation.rawValue) has no isolate of a script")
      }
      isolates[generation] = isolate
    case .detach(let generation): isolates[generation] = nil
    case .stop: isStopped = true
    }
  }

  /// In the order in which they were made.
  private func sorted() -> [ScriptIsolate] {
    isolates.values.sorted { $0.generation.rawValue < $1.generation.rawValue }
  }

  private func logState() {
    timekeeper.onStateRequest(core.summary)
    for isolate in isolates.values.sorted(by: { $0.name < $1.name }) {
      isolate.mailbox.requestState()
      timekeeper.pool.notify(isolate)
    }
  }

  /// `hasMore` is whether it is called again at once.
  mutating func perform(hasMore: Bool = false) {
    // Nobody waits for what is kept in memory only: it is kept while what is dispatched begins to run.
    let storesLater = !timekeeper.store.isDurable && effects.answers.isEmpty
    if !storesLater { store() }
    for change in effects.subscriptions { timekeeper.bus.apply(change) }
    timekeeper.bus.dequeued(effects.dequeued)
    dispatch()
    for (park, answer) in effects.answers { wake(park, .values(answer.values)) }
    for park in effects.wakes { timeOut(park) }
    for (script, job, except) in effects.cancels {
      for isolate in sorted() where isolate.script == script {
        cancel(CancelRuns(job: job, except: except, reason: "the job was cancelled"), in: isolate)
      }
    }
    for (generation, handle, _) in effects.releases {
      guard let isolate = isolates[generation] else { continue }
      stage(.release(handle), for: isolate)
    }
    evaluate()
    for isolate in touched { timekeeper.pool.deliverStaged(to: isolate) }
    touched.removeAll(keepingCapacity: true)
    if storesLater, !hasMore { store() }
    for generation in effects.closes { isolates.removeValue(forKey: generation)?.retire() }
    for event in effects.events { timekeeper.onHostEvent(event) }
    for (request, answer) in effects.namedAnswers {
      timekeeper.answer(request, answer)
    }
    for step in effects.clockSteps { timekeeper.onClockStep(step) }
    if effects.isDrained { timekeeper.onDrained() }
    effects.removeAllButWrites()
    for body in calls { body() }
    calls.removeAll(keepingCapacity: true)
  }

  /// Hands changes to the writer, or makes them where they cost nothing.
  private mutating func store() {
    guard !effects.writes.isEmpty else { return }
    defer { effects.removeWrites() }
    if let writer = timekeeper.writer {
      writer.append(effects.writes)
      return
    }
    do {
      try timekeeper.store.commit(effects.writes.map(\.change), isDurable: false)
      if timekeeper.store.isDurable { acknowledge() }
      unpruned += effects.writes.count
      guard unpruned > 4_000 else { return }
      // Some at a time, and more than have come.
      let now = timekeeper.clock.read().wall
      for _ in 0...effects.writes.count / 32 where try !timekeeper.store.prune(at: now) {
        unpruned = 0
        break
      }
    } catch {
      preconditionFailure("the store in memory refused a change: \(error)")
    }
  }

  /// Tells the core that what it waits for is stored: nobody waits for a store that is not durable.
  private func acknowledge() {
    let tickets = effects.writes.map(\.ticket).filter { $0 != 0 }
    guard !tickets.isEmpty else { return }
    timekeeper.inbox.post(.input(.stored(tickets: tickets, failure: nil)))
  }

  private mutating func dispatch() {
    guard !dispatchToOne() else { return }
    var isolate: ScriptIsolate?
    for dispatch in effects.dispatches {
      if isolate?.generation != dispatch.generation { isolate = isolates[dispatch.generation] }
      guard let isolate else { continue }
      let place = isolate.destination(for: dispatch)
      if place !== isolate { isolates[place.generation] = place }
      touch(place)
      place.stagedStarts.append(dispatch)
    }
  }

  /// Hands over all dispatches as they are, where they are for one script; whether they were.
  private mutating func dispatchToOne() -> Bool {
    guard let generation = effects.dispatches.first?.generation,
      let isolate = isolates[generation], isolate.privateTemplate == nil, isolate.stagedStarts.isEmpty,
      effects.dispatches.indices.allSatisfy({ effects.dispatches[$0].generation == generation })
    else { return false }
    touch(isolate)
    let count = effects.dispatches.count
    swap(&effects.dispatches, &isolate.stagedStarts)
    effects.dispatches.reserveCapacity(min(count, 4_096))
    return true
  }

  private mutating func evaluate() {
    for request in effects.requests {
      guard let isolate = isolates[request.generation] else { continue }
      let inbox = timekeeper.inbox
      stage(.evaluate(request) { inbox.post(.nextFireAnswered($0)) }, for: isolate)
    }
  }

  private mutating func wake(_ park: ParkID, _ resumption: Resumption) {
    guard let isolate = isolates[park.generation] else { return }
    stage(.resume(park, resumption), for: isolate)
  }

  private mutating func timeOut(_ park: ParkID) {
    guard let isolate = isolates[park.generation] else { return }
    touch(isolate)
    isolate.stageStarts()
    isolate.stagedTimeouts.append(park)
  }

  private func cancel(_ runs: CancelRuns, in isolate: ScriptIsolate) {
    isolate.mailbox.append(runs)
    timekeeper.pool.notify(isolate)
  }

  private mutating func stage(_ message: IsolateMessage, for isolate: ScriptIsolate) {
    touch(isolate)
    isolate.stageAll()
    isolate.staged.append(message)
  }

  private mutating func touch(_ isolate: ScriptIsolate) {
    if isolate.staged.isEmpty, isolate.stagedStarts.isEmpty, isolate.stagedTimeouts.isEmpty {
      touched.append(isolate)
    }
  }
}

extension ScriptIsolate {
  /// Puts what has been gathered behind the other messages, so that what comes next follows it.
  fileprivate func stageAll() {
    stageStarts()
    guard !stagedTimeouts.isEmpty else { return }
    staged.append(.timeouts(stagedTimeouts))
    stagedTimeouts = []
  }

  /// The same for runs. They are gathered before timeouts are.
  fileprivate func stageStarts() {
    guard !stagedStarts.isEmpty else { return }
    staged.append(.starts(stagedStarts))
    stagedStarts = []
  }
}

extension TurnQueue {
  /// Hands over in one append what the timekeeper has gathered for an isolate.
  fileprivate func deliverStaged(to isolate: ScriptIsolate) {
    isolate.stageAll()
    isolate.mailbox.append(contentsOf: &isolate.staged)
    isolate.staged.removeAll(keepingCapacity: isolate.staged.capacity <= 4_096)
    notify(isolate)
  }
}
