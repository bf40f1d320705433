import MoonwheelModel
import TimerWheel
import Triggers

/// Pending runs: each starts at least once, in its turn, whatever overlap and catch-up say.
extension SchedulerCore {
  /// The most pending runs of one job that have not begun.
  private static let pendingRunLimit = 10_000

  /// Adds a pending run. Answers when it is safe in the store.
  mutating func enqueue(
    _ arguments: Value, at time: EnqueueTime, _ index: Int, _ reply: StoreState.Reply,
    into effects: inout Effects
  ) {
    guard !isDraining else {
      answer(reply, .refused("the host is stopping", code: "stopping"), into: &effects)
      return
    }
    guard jobs[index].pendingCount < Self.pendingRunLimit else {
      answer(
        reply,
        .refused("queue full: \(Self.pendingRunLimit) runs of this job are pending", code: "full"),
        into: &effects)
      return
    }
    let (due, isRelative) = instant(of: time)
    let pending = PendingRun(
      run: newRun(), job: jobs[index].key, kind: .promise, scheduledAt: due, dueAt: due,
      isRelative: isRelative, payload: arguments.isNil ? .none : .arguments(arguments))
    let (script, name) = (jobs[index].script, jobs[index].name)
    guard isStored(index), store.isDurable else {
      activate(pending, of: script, named: name, into: &effects)
      answer(reply, .run(pending.run), into: &effects)
      return
    }
    ensureRow(index, into: &effects)
    let ticket = store.ticket(for: .pendingRun(pending, script, name: name, reply))
    effects.writes.append(StoreWrite(.pendingRun(pending), ticket: ticket))
  }

  private func instant(of time: EnqueueTime) -> (Timestamp, isRelative: Bool) {
    switch time {
    case .now: (clock.wall, true)
    case .after(let delay): (clock.wall.advanced(by: delay), true)
    case .at(let instant): (instant, false)
    }
  }

  /// Schedules a pending run for its time, or lets it wait for its turn if it is due.
  mutating func activate(
    _ pending: PendingRun, of script: ScriptID, named name: String, into effects: inout Effects
  ) {
    indexNames(of: script)
    if let index = index(named: name, of: script) { jobs[index].pendingCount += 1 }
    guard pending.dueAt > clock.wall else {
      enqueueDue(pending, of: script, named: name, into: &effects)
      return
    }
    if !pending.isRelative { updateArmedOffset() }
    delays.insert(
      pending, of: script, named: name,
      deadline: Tick(notBefore: clock.elapsed(at: pending.dueAt)), into: &wheel)
  }

  /// Lets a pending run that is due wait for its turn.
  mutating func enqueueDue(_ slot: DelayTable.Slot, into effects: inout Effects) {
    enqueueDue(slot.pending, of: slot.script, named: slot.name, into: &effects)
  }

  private mutating func enqueueDue(
    _ pending: PendingRun, of script: ScriptID, named name: String, into effects: inout Effects
  ) {
    indexNames(of: script)
    if let index = index(named: name, of: script) {
      _ = request(.pending(pending), index, into: &effects)
      return
    }
    let orphans = scripts[script]?.orphans[name] ?? WaitingRuns()
    orphans.append(.pending(pending))
    scripts[script]?.orphans[name] = orphans
  }

  // MARK: Trying again

  /// Tries a failed run again, if the job's policy or the run asks for it. Returns whether it does.
  mutating func retry(
    _ report: borrowing RunReport, _ index: Int, into effects: inout Effects
  ) -> Bool {
    guard report.outcome.mayBeRetried, let delay = retryDelay(report, index), !isCancelled(index)
    else { return false }
    let pending = PendingRun(
      run: report.run, job: jobs[index].key, kind: .retry, attempt: report.attempt + 1,
      scheduledAt: report.scheduledAt, dueAt: clock.wall.advanced(by: delay), isRelative: true,
      payload: tracked[report.run]?.payload ?? report.dispatch.event)
    if isStored(index) {
      ensureRow(index, into: &effects)
      write(.pendingRun(pending), into: &effects)
    }
    publish(
      .runRetrying, index, run: report.run, scheduledAt: pending.dueAt,
      reason: "attempt \(pending.attempt) in \(DurationText.format(delay))",
      failure: report.outcome.failure, depth: report.depth, into: &effects)
    activate(pending, of: jobs[index].script, named: jobs[index].name, into: &effects)
    return true
  }

  private func isCancelled(_ index: Int) -> Bool { jobs[index].state == .cancelled }

  private func retryDelay(_ report: borrowing RunReport, _ index: Int) -> Int64? {
    let details = report.details?.content
    guard details?.refusesRetry != true else { return nil }
    let policy = jobs[index].policy.value.retry
    if let policy, report.attempt > policy.max { return nil }
    if let delay = details?.retryAfter { return delay }
    return policy?.delay(
      after: report.attempt, ofRun: report.number, of: jobs[index].name)
  }

  /// Starts a run again that ended by no fault of its own. Returns true also if it gives the run up after too many
  /// crashes.
  mutating func restart(
    _ report: borrowing RunReport, _ index: Int, into effects: inout Effects
  ) -> Bool {
    guard var pending = tracked[report.run] else { return false }
    switch report.outcome {
    case .abandoned: pending.crashes += 1
    case .cancelled where isDraining: break  // the host stops, and the next host starts the run
    default: return false
    }
    guard jobs[index].policy.value.restart ?? (pending.kind != .fire) else { return false }
    guard !becomesDead(pending, index, into: &effects) else { return true }
    pending.status = .waiting
    // It was due when it started.
    pending.dueAt = min(pending.dueAt, clock.wall)
    if isStored(index) {
      write(.pendingRunStatus(pending.run, .waiting, crashes: pending.crashes), into: &effects)
    }
    if !isDraining {
      activate(pending, of: jobs[index].script, named: jobs[index].name, into: &effects)
    }
    return true
  }
}

extension Run.Outcome {
  /// True if the retry policy applies to the outcome.
  fileprivate var mayBeRetried: Bool {
    switch self {
    case .failed, .timedOut, .dropped, .evicted: true
    case .succeeded, .cancelledJob, .cancelled, .abandoned, .declined, .misfired: false
    }
  }
}
