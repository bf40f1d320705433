import MoonwheelModel
import TimerWheel
import Triggers

/// Pending runs: each starts at least once, in its turn, whatever overlap and catch-up say, unless its job is cancelled.
extension SchedulerCore {
  /// Adds a pending run. Answers when it is safe in the store.
  mutating func enqueue(
    _ new: JobCommand.NewPendingRun, _ index: JobIndex, _ reply: StoreState.Reply,
    into effects: inout Effects
  ) {
    guard !isDraining else {
      answer(reply, .refused("the host is stopping", code: "stopping"), into: &effects)
      return
    }
    guard jobs[index].pendingCount < PendingRun.limit else {
      answer(
        reply,
        .refused("queue full: \(PendingRun.limit) runs of this job are pending", code: "full"),
        into: &effects)
      return
    }
    guard jobs[index].state != .cancelled else {
      let remedy = "its resume() takes that back"
      answer(
        reply, .refused("the job is cancelled, and runs no more; \(remedy)", code: "cancelled"),
        into: &effects)
      return
    }
    let (due, isRelative) = new.time.instant(at: clock.wall)
    var pending = PendingRun(
      run: newRun(), job: jobs[index].key, kind: .promise, scheduledAt: due, dueAt: due,
      isRelative: isRelative, payload: new.payload, hold: new.hold)
    (pending.by, pending.of) = (new.by, new.of)
    if new.isAwaited, case .request(let request) = reply { pending.awaitedBy = request }
    let (script, name) = (jobs[index].script, jobs[index].name)
    guard isStored(index), store.isDurable else {
      answer(reply, .run(pending.run), into: &effects)
      activate(pending, of: script, named: name, into: &effects)
      return
    }
    ensureRow(index, into: &effects)
    let ticket = store.ticket(for: .pendingRun(pending, script, name: name, reply))
    effects.writes.append(StoreWrite(.pendingRun(pending), ticket: ticket))
  }

  /// Schedules a pending run for its time, or lets it wait for its turn if it is due.
  mutating func activate(
    _ pending: PendingRun, of script: ScriptID, named name: String, into effects: inout Effects
  ) {
    indexNames(of: script)
    if let index = index(named: name, of: script) {
      guard jobs[index].state != .cancelled else {
        end([pending], of: index, into: &effects)
        return
      }
      jobs[index].pendingCount += 1
    }
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
  mutating func enqueueDue(
    _ pending: PendingRun, of script: ScriptID, named name: String, into effects: inout Effects
  ) {
    indexNames(of: script)
    if let index = index(named: name, of: script) {
      request(.pending(Boxed(pending)), index, into: &effects)
      return
    }
    let orphans = scripts[script]?.orphans[name] ?? WaitingRuns()
    orphans.append(.pending(Boxed(pending)))
    scripts[script]?.orphans[name] = orphans
  }
}

extension PendingRun {
  /// The most pending runs of one job that have not begun.
  fileprivate static let limit = 10_000
}

extension EnqueueTime {
  fileprivate func instant(at now: Timestamp) -> (Timestamp, isRelative: Bool) {
    switch self {
    case .now: (now, true)
    case .after(let delay): (now.advanced(by: delay), true)
    case .at(let instant): (instant, false)
    }
  }
}
