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
  private var calls: [@Sendable () -> Void] = []
  private var laterCalls = LaterCalls()
  private var interestVersion: UInt64?
  private var isStopped = false
  /// A worker has left the rest of what is due to the timekeeper's thread, which does that before it takes more input.
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
    core.makeLease = timekeeper.makeLease
  }

  /// The timekeeper thread's next action after a step.
  enum Next {
    case end
    /// Step again at once.
    case more
    /// Sleep until an elapsed time, or without a deadline.
    case sleep(Int64?)
  }

  /// Steps the core on the timekeeper's thread.
  mutating func serve() -> Next {
    guard !isStopped else { return .end }
    step()
    guard !isStopped else { return .end }
    let deadline = deadline
    guard timekeeper.inbox.fallAsleep(until: deadline, wantsReports: core.wantsReports) else {
      return .more
    }
    timekeeper.inbox.alarm.claimDeadline()
    return .sleep(deadline)
  }

  /// The elapsed time at which to wake; nil if nothing is due at any time.
  private var deadline: Int64? {
    let next = min(core.nextDeadline ?? .max, laterCalls.next)
    return next == .max ? nil : timekeeper.resolution.roundedUp(next)
  }

  /// The most that a worker does at once before it leaves the rest to the timekeeper's thread.
  private static let inlineItemLimit = 256
  private static let inlineStepLimit = 4
  private static let inlineWriteLimit = 64

  /// Steps the core on a worker, and again for input that comes meanwhile. Returns false if the timekeeper's thread
  /// must be woken to do the rest.
  mutating func stepInline(for reason: WakeReason) -> Bool {
    guard !core.firesAllAtOnce, !isUnfinished else { return false }
    var reason = reason
    for _ in 0..<Self.inlineStepLimit {
      switch reason {
      case .reports:
        guard timekeeper.inbox.drainIfFew(reports: &reports) else { return false }
      case .everything, .spin:
        let fits = timekeeper.inbox.drain(
          into: &items, atMost: Self.inlineItemLimit, reports: &reports)
        guard fits else { return false }
      }
      updateInterest()
      let now = takeReports(at: timekeeper.clock.read())
      for item in items { take(item, at: now) }
      items.removeAll(keepingCapacity: true)
      laterCalls.take(dueAt: now.elapsed, into: &calls)
      let hasMore = core.advance(to: now, into: &effects, atMost: Self.inlineItemLimit)
      perform(delaysWrites: hasMore || effects.writes.count > Self.inlineWriteLimit)
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

  /// Takes the input that has come, fires what is due, and performs the effects.
  package mutating func step() {
    if isUnfinished {
      isUnfinished = false
      advance(to: timekeeper.clock.read())
    }
    timekeeper.inbox.drain(into: &items, reports: &reports)
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
      advance(to: now)
    }
    items.removeAll(keepingCapacity: items.capacity <= 4_096)  // free the storage of a burst
    advance(to: timekeeper.clock.read())
  }

  /// Whether to fire what is due after the item at an index: 256 items were taken, or enough time has passed.
  private func shouldFire(after index: Int, since last: ClockReading) -> Bool {
    index & 255 == 255 || isLong(since: last)
  }

  /// Whether so much time has passed that what is due must not wait for more input.
  func isLong(since last: ClockReading) -> Bool {
    timekeeper.clock.elapsed - last.elapsed > 300_000
  }

  /// Fires what is due, in parts, so that workers start the first runs while the core fires the others. The changes of
  /// a store in memory wait until everything due has fired, unless there are too many.
  private mutating func advance(to time: ClockReading) {
    var now = time
    laterCalls.take(dueAt: now.elapsed, into: &calls)
    var parts = 0
    while core.advance(to: now, into: &effects, atMost: 1_024) {
      parts += 1
      perform(delaysWrites: effects.writes.count < Self.maxDelayedWrites)
      guard core.wantsReports || parts % Self.partsPerReportCheck == 0 else { continue }
      timekeeper.inbox.drain(reports: &reports)
      now = takeReports(at: now)
    }
    perform()
  }

  /// How many changes of a store in memory may wait while the core fires what is due.
  private static let maxDelayedWrites = 1 << 17
  /// The core takes ends of runs after this many parts, if nothing waits for them.
  private static let partsPerReportCheck = 128

  /// The elapsed time in nanoseconds at which something is due next, unless somebody sets the clock before. May be
  /// early, never late.
  package var nextDue: Int64? { core.nextDue }

  /// Tells the core which events have listeners, if that has changed.
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
      for isolate in isolatesByAge { cancel(CancelRuns(reason: reason), in: isolate) }
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

  /// The isolates in the order in which they were made.
  private var isolatesByAge: [ScriptIsolate] {
    isolates.values.sorted { $0.generation.rawValue < $1.generation.rawValue }
  }

  private func logState() {
    timekeeper.onStateRequest(core.summary)
    for isolate in isolates.values.sorted(by: { $0.name < $1.name }) {
      isolate.mailbox.requestState()
      timekeeper.pool.notify(isolate)
    }
  }

  /// Performs the effects of the core. With `delaysWrites`, the changes of a store in memory wait for a later call.
  mutating func perform(delaysWrites: Bool = false) {
    // Nobody waits for changes of a store in memory. Make them after the dispatch, while workers start the runs.
    let storesLater = !timekeeper.store.isDurable && effects.answers.isEmpty
    if !storesLater { store() }
    for change in effects.subscriptions { timekeeper.bus.apply(change) }
    timekeeper.bus.dequeued(effects.dequeued)
    dispatch()
    for (park, answer) in effects.answers { wake(park, .values(answer.values)) }
    for park in effects.wakes { timeOut(park) }
    for (script, job, except) in effects.cancels {
      for isolate in isolatesByAge where isolate.script == script {
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
    if storesLater, !delaysWrites { store() }
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

  /// Hands changes to the writer, or commits them here if the store is in memory.
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
      changesSincePrune += effects.writes.count
      guard changesSincePrune > 4_000 else { return }
      // In steps, so that this does not take long; enough of them to remove more than was added.
      let now = timekeeper.clock.read().wall
      for _ in 0...effects.writes.count / 32 where try !timekeeper.store.prune(at: now) {
        changesSincePrune = 0
        break
      }
    } catch {
      preconditionFailure("the store in memory refused a change: \(error)")
    }
  }

  /// Tells the core that the changes it waits for are stored.
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
