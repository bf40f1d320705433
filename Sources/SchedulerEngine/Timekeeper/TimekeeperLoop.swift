import MoonwheelModel
import SchedulerCore
import ScriptHost
import Triggers
import WorkerPool

/// The core, and what performs its effects. ``CoreLock`` guards it: one thread at a time calls its methods.
package struct TimekeeperLoop: ~Copyable {
  let timekeeper: Timekeeper
  var core: SchedulerCore
  var effects = Effects()
  /// The items that were taken from the inbox; empty between steps, as are all lists here but `isolates`.
  private var items: [Inbox.Item] = []
  var reports: [RunEnds] = []
  private var isolates: [GenerationID: ScriptIsolate] = [:]
  /// The isolates with staged messages.
  private var touched: [ScriptIsolate] = []
  /// Calls for the outbox that no effect of the core stands for.
  private var calls: [Outbox.Call] = []
  private var laterCalls = LaterCalls()
  private var interestVersion: UInt64?
  private var isStopped = false
  /// Some of what is due has not fired.
  private var isUnfinished = false
  /// How many changes a store without a writer got since it was last pruned to its bounds.
  private var changesSincePrune = 0

  package init(_ timekeeper: Timekeeper) {
    self.timekeeper = timekeeper
    let clock = timekeeper.clock.read()
    // Milliseconds since 1970 in the upper 41 bits, and a count in the lower 23: unique also after a restart.
    let first = UInt64(max(0, clock.wall.nanoseconds / 1_000_000)) << 23
    core = SchedulerCore(
      clock: clock, firstRun: Run.ID(rawValue: first), stored: timekeeper.stored,
      isDurable: timekeeper.store.isDurable)
    timekeeper.recorder?.began(at: clock, firstRun: Run.ID(rawValue: first))
  }

  /// What the caller of ``pump(_:)`` must see to.
  package enum Next: Equatable {
    /// Call again at an elapsed time, or when input comes.
    case idle(until: Int64?)
    /// Call again at once, with a larger budget if this one was limited.
    case more
    case end
  }

  /// How much one call of ``pump(_:)`` may do.
  struct Budget {
    /// Items of the inbox, and lists of reports. A limited budget has no room for items that may take long.
    var items: Int
    /// Fires and ends of waits in one part of what is due.
    var part: Int
    var parts: Int

    static let unlimited = Budget(items: .max, part: 1_024, parts: .max)
    /// A worker must soon go back to its scripts.
    static let worker = Budget(items: 256, part: 256, parts: 1)
  }

  /// The elapsed time at which to wake; nil if nothing is due at any time.
  private var deadline: Int64? {
    let next = min(core.nextDeadline ?? .max, laterCalls.next)
    return next == .max ? nil : timekeeper.resolution.roundedUp(next)
  }

  /// Steps the core on a worker, while another thread sleeps until the deadline that was set before.
  mutating func pumpInline() -> Next {
    guard timekeeper.outbox.hasRoom, !core.firesAllAtOnce, !isUnfinished else { return .more }
    let next = pump(.worker)
    if case .idle(let deadline) = next {
      timekeeper.inbox.alarm.arm(until: timekeeper.clock.machineTime(of: deadline))
    }
    return next
  }

  /// Takes the input that has come, fires what is due, and performs the effects, as far as the budget goes.
  mutating func pump(_ budget: Budget) -> Next {
    guard !isStopped else { return .end }
    guard !isUnfinished || advance(to: timekeeper.clock.read(), within: budget),
      timekeeper.inbox.drain(into: &items, reports: &reports, atMost: budget.items)
    else { return .more }
    updateInterest()
    var now = takeReports(at: timekeeper.clock.read())
    for (index, item) in items.enumerated() {
      take(item, at: now)
      // A script may have posted many items. Fire what becomes due before they are all taken.
      guard index & 31 == 31 || item.isExpensive, shouldFire(after: index, since: now) else {
        continue
      }
      timekeeper.inbox.drain(reports: &reports)
      now = takeReports(at: timekeeper.clock.read())
      _ = advance(to: now, within: budget)
    }
    items.removeAll(keepingCapacity: items.capacity <= 4_096)  // free the storage of a burst
    let isFinished = advance(to: now, within: budget)
    guard !isStopped else { return .end }
    let deadline = deadline
    guard isFinished, timekeeper.inbox.rest(until: deadline, wantsReports: core.wantsReports)
    else { return .more }
    return .idle(until: deadline)
  }

  /// Whether to fire what is due after the item at an index: 256 items were taken, or enough time has passed.
  private func shouldFire(after index: Int, since last: ClockReading) -> Bool {
    index & 255 == 255 || isLong(since: last)
  }

  /// Whether so much time has passed that what is due must not wait for more input.
  func isLong(since last: ClockReading) -> Bool {
    timekeeper.clock.elapsed - last.elapsed > 300_000
  }

  /// Fires what is due, in parts, so that workers start the first runs while the core fires the others. Returns whether
  /// everything due has fired.
  private mutating func advance(to time: ClockReading, within budget: Budget) -> Bool {
    var now = time
    var parts = 0
    laterCalls.take(dueAt: now.elapsed, into: &calls)
    repeat {
      isUnfinished = advance(to: now, atMost: budget.part)
      perform()
      parts += 1
      guard isUnfinished else { return true }
      if core.wantsReports {
        timekeeper.inbox.drain(reports: &reports)
        now = takeReports(at: now)
      }
    } while parts < budget.parts && timekeeper.outbox.hasRoom
    return false
  }

  /// See ``CoreLock/nextDue``.
  var nextDue: Int64? {
    let next = min(core.nextDue ?? .max, laterCalls.next)
    return next == .max ? nil : next
  }

  /// Tells the core which events have listeners, if that has changed.
  private mutating func updateInterest() {
    let version = timekeeper.bus.interestVersion
    guard version != interestVersion else { return }
    interestVersion = version
    let interest = Input.interest(
      timekeeper.bus.interest, listensToRuns: timekeeper.bus.listensToRuns)
    handle(interest, at: timekeeper.clock.read())
  }

  /// Gives an input to the core, after it has closed the leases that the input concerns.
  private mutating func handle(_ input: Input, at now: ClockReading) {
    let leases = core.leases(concerning: input)
    if !leases.isEmpty {
      let closed = leases.map { lease in
        let begun = isolates[lease.handler.generation]?.mailbox.leases.close(lease)
        return ClosedLease(job: lease.job, begun: begun ?? 0)
      }
      effects.leased.removeAll { event in leases.contains { $0.id == event.lease } }
      handle(.leasesClosed(closed), at: now)
    }
    guard timekeeper.recorder == nil else {
      _ = record(.input(input), at: now)
      return
    }
    core.handle(input, at: now, into: &effects)
  }

  mutating func handle(_ reports: RunEnds, at now: ClockReading) {
    guard timekeeper.recorder == nil else {
      _ = record(.reports(reports), at: now)
      return
    }
    core.handle(reports, at: now, into: &effects)
  }

  /// Fires what is due. Returns true if more may be due.
  mutating func advance(to now: ClockReading, atMost count: Int) -> Bool {
    guard timekeeper.recorder == nil else { return record(.advance(atMost: count), at: now) }
    return core.advance(to: now, into: &effects, atMost: count)
  }

  /// Makes a call of the core, and records it.
  private mutating func record(_ call: CoreCall, at now: ClockReading) -> Bool {
    var more = Effects()
    let hasMore = call.make(on: &core, at: now, into: &more)
    timekeeper.recorder?.record(call, at: now, more)
    effects.append(more)
    return hasMore
  }

  private mutating func take(_ item: Inbox.Item, at now: ClockReading) {
    switch item {
    case .input(let input): handle(input, at: now)
    case .cancelAll(let reason):
      for isolate in isolatesByAge { cancel(CancelRuns(reason: reason), in: isolate) }
    case .inputsTaken(let quota, let isolate, let count):
      if quota.advance(to: count) { timekeeper.pool.notify(isolate) }
    case .call(let body): calls.append(body)
    case .callAt(let elapsed, let body): laterCalls.add(at: elapsed, body)
    case .sweepAt(let elapsed, let body): laterCalls.addSweep(at: elapsed, body)
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

  /// The isolates in the order in which they were made.
  private var isolatesByAge: [ScriptIsolate] {
    isolates.values.sorted { $0.generation.rawValue < $1.generation.rawValue }
  }

  private mutating func logState() {
    let isolates = isolates.values.sorted { $0.name < $1.name }
    calls.append { [timekeeper, summary = core.summary] in
      timekeeper.onStateRequest(summary)
      for isolate in isolates {
        isolate.mailbox.requestState()
        timekeeper.pool.notify(isolate)
      }
    }
  }

  /// Performs the effects of the core. Only computes, since the thread holds the core lock: what may take longer goes
  /// to the outbox or to the store's writer.
  mutating func perform() {
    store()
    for change in effects.subscriptions { timekeeper.bus.apply(change) }
    timekeeper.bus.dequeued(effects.dequeued)
    lease()
    dispatch()
    for (park, answer) in effects.answers { wake(park, .values(answer.values)) }
    for park in effects.wakes { timeOut(park) }
    for cancellation in effects.cancels {
      let runs = CancelRuns(
        job: cancellation.job, only: cancellation.only, except: cancellation.except,
        reason: cancellation.reason)
      for isolate in isolatesByAge where isolate.script == cancellation.script {
        cancel(runs, in: isolate)
      }
    }
    for (generation, handle, _) in effects.releases {
      guard let isolate = isolates[generation] else { continue }
      stage(.release(handle), for: isolate)
    }
    evaluate()
    for isolate in touched { timekeeper.pool.deliverStaged(to: isolate) }
    touched.removeAll(keepingCapacity: true)
    for generation in effects.closes { isolates.removeValue(forKey: generation)?.retire() }
    announce()
    if !effects.ended.isEmpty { timekeeper.runCounts.withLock { $0.add(effects.ended) } }
    if effects.isDrained { timekeeper.onDrained() }
    effects.removeAll()
  }

  /// Passes what others are told to the outbox.
  private mutating func announce() {
    let timekeeper = timekeeper
    var told: [Outbox.Call] = effects.events.map { event in { timekeeper.onHostEvent(event) } }
    for (request, answer) in effects.namedAnswers {
      told.append { timekeeper.answer(request, answer) }
    }
    for ping in effects.pings {
      guard let permissions = isolates[ping.generation]?.permissions else { continue }
      told.append { timekeeper.onPing(ping, permissions) }
    }
    for kept in effects.kept { told.append { timekeeper.onKept(kept) } }
    for step in effects.clockSteps { told.append { timekeeper.onClockStep(step) } }
    timekeeper.outbox.append(told + calls)
    calls.removeAll(keepingCapacity: true)
  }

  /// Hands changes to the writer, or to the outbox of a simulation, whose store has no writer.
  private mutating func store() {
    guard !effects.writes.isEmpty else { return }
    guard timekeeper.writer == nil else {
      timekeeper.writer?.append(effects.writes)
      return
    }
    changesSincePrune += effects.writes.count
    let prunes = changesSincePrune > 4_000
    if prunes { changesSincePrune = 0 }
    timekeeper.outbox.append([
      { [timekeeper, writes = effects.writes] in timekeeper.commit(writes, prunes: prunes) }
    ])
  }

  /// Adds events to the leases of isolates.
  private func lease() {
    var rest = effects.leased[...]
    while let generation = rest.first?.handler.generation {
      let events = rest.prefix { $0.handler.generation == generation }
      isolates[generation]?.mailbox.leases.append(events)
      rest = rest[events.endIndex...]
    }
  }

  private mutating func dispatch() {
    guard !dispatchToOne() else { return }
    var isolate: ScriptIsolate?
    for dispatch in effects.dispatches {
      if isolate?.generation != dispatch.generation { isolate = isolates[dispatch.generation] }
      guard let isolate else { continue }
      let target = isolate.destination(for: dispatch)
      if target !== isolate { isolates[target.generation] = target }
      touch(target)
      target.stagedStarts.append(dispatch)
    }
  }

  /// If all dispatches are for one isolate, hands it the array as it is, and returns true.
  private mutating func dispatchToOne() -> Bool {
    guard let generation = effects.dispatches.first?.generation,
      let isolate = isolates[generation], isolate.privateTemplate == nil,
      isolate.stagedStarts.isEmpty,
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

  /// Adds a message behind those that are staged for an isolate.
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
  /// Appends the gathered starts and timeouts to the staged messages, so that the next message follows them.
  fileprivate func stageAll() {
    stageStarts()
    guard !stagedTimeouts.isEmpty else { return }
    staged.append(.timeouts(stagedTimeouts))
    stagedTimeouts = []
  }

  /// Appends the gathered starts to the staged messages. Starts come before timeouts.
  fileprivate func stageStarts() {
    guard !stagedStarts.isEmpty else { return }
    staged.append(.starts(stagedStarts))
    stagedStarts = []
  }
}

extension TurnQueue {
  /// Appends the staged messages of an isolate to its mailbox, and gives it a turn.
  fileprivate func deliverStaged(to isolate: ScriptIsolate) {
    isolate.stageAll()
    isolate.mailbox.append(contentsOf: &isolate.staged)
    isolate.staged.removeAll(keepingCapacity: isolate.staged.capacity <= 4_096)
    notify(isolate)
  }
}
