import MoonwheelModel
import Triggers

/// A job goes on where the host before left it.
///
///     row.since ── up to here its instants are settled ──┐
///     mark ─────── up to here the host handled fires ────┤ the later of them
///     row.due ──── what waits, where it must be known ───┘ or this, gives the first fire that was not handled
extension SchedulerCore {
  mutating func restore(
    _ index: Int, _ known: StoreState.KnownJob, into effects: inout Effects
  ) {
    let row = known.row
    let isSame = row.trigger == jobs[index].trigger.identity
    if isSame {
      jobs[index].runs = row.runs
      jobs[index].lastStarted = row.lastStarted ?? .distantPast
    }
    if isSame, !isOfTheStart(index) {
      proceed(index, known, into: &effects)
    } else if isSame, row.state == .cancelled || row.state == .paused && !row.waitsWithScript {
      jobs[index].state = row.state
      jobs[index].registered = clock.wall
      jobs[index].anchor = now(of: index)
      if let reason = row.reason { makeExtras(of: index).reason = reason }
      followPausedOption(index, row, into: &effects)
    } else {
      begin(index, into: &effects)
    }
    let wanted = self.row(of: index)
    if wanted != row || known.wasAhead { writeRow(index, into: &effects) }
    for run in known.interrupted { tellAbandoned(run, index, into: &effects) }
    for pending in known.pendingRuns { resume(pending, index, into: &effects) }
  }

  /// What counts from the start of the host begins anew with it.
  private func isOfTheStart(_ index: Int) -> Bool {
    guard case .time(let trigger) = jobs[index].trigger else { return false }
    switch trigger {
    case .after, .reboot: return true
    case .every, .everyBetween, .calendar: return false
    }
  }

  private mutating func proceed(
    _ index: Int, _ known: StoreState.KnownJob, into effects: inout Effects
  ) {
    let row = known.row
    resolve(index, as: row)
    jobs[index].registered = row.registered
    if row.since != row.registered { makeExtras(of: index).since = row.since }
    jobs[index].anchor = instant(anchor(of: row, index), of: index)
    jobs[index].fires = row.fires
    jobs[index].state = row.waitsWithScript ? .active : row.state
    if let reason = row.reason, !row.waitsWithScript { makeExtras(of: index).reason = reason }
    let gainsOption = row.hasPausedOption == false && jobs[index].policy.value.paused
    if gainsOption, jobs[index].state == .active {
      jobs[index].state = .paused
      makeExtras(of: index).reason = Self.pausedOption
    }
    switch jobs[index].trigger {
    case .onDemand: break
    case .event(let pattern):
      if jobs[index].state == .active { subscribe(index, pattern, into: &effects) }
    case .time, .custom:
      let policy = jobs[index].policy.value
      if let timing = row.timing, timing != policy.timing {
        let wasDelaying = timing.hasSuffix(JobPolicy.delaying)
        retime(index, delays: wasDelaying != policy.fixedDelay, into: &effects)
      } else {
        proceedInTime(index, known, into: &effects)
      }
    }
    followPausedOption(index, row, into: &effects)
  }

  /// The option `paused` was taken away while the host was down.
  private mutating func followPausedOption(
    _ index: Int, _ row: StoredJob, into effects: inout Effects
  ) {
    guard row.hasPausedOption == true, !jobs[index].policy.value.paused,
      jobs[index].state == .paused
    else { return }
    resume(index, into: &effects)
  }

  /// Gives what is relative to the present (`at 18:00`, `till = "18:00"`) the instants to which it was resolved at first.
  private mutating func resolve(_ index: Int, as row: StoredJob) {
    if case .time(let trigger) = jobs[index].trigger, trigger.isRelative {
      jobs[index].read(.time(trigger.resolved(to: row.instants)))
    }
    var policy = jobs[index].policy.value
    let bounds = (row.timing ?? "").split(separator: "; ").map(String.init)
    if let text = policy.window.fromText, bounds.contains("from \(text)") {
      policy.window.from = row.from
    }
    if let text = policy.window.tillText, bounds.contains("till \(text)") {
      policy.window.till = row.till
    }
    guard policy.window != jobs[index].policy.value.window else { return }
    jobs[index].read(SharedPolicy(policy))
  }

  /// An anchor that is yet to come is the start of the job's window, or of a clock that was ahead: then its phase is kept.
  private func anchor(of row: StoredJob, _ index: Int) -> Timestamp {
    guard row.anchor > clock.wall else { return row.anchor }
    let start = jobs[index].policy.value.window.start(registered: row.registered)
    if jobs[index].period > 0, let start, start > clock.wall { return row.anchor }
    guard case .time(let trigger) = jobs[index].trigger else { return clock.wall }
    return trigger.anchor(row.anchor, notAfter: clock.wall)
  }

  private mutating func proceedInTime(
    _ index: Int, _ known: StoreState.KnownJob, into effects: inout Effects
  ) {
    let row = known.row
    switch jobs[index].state {
    case .cancelled: break
    case .finished: requestAgain(index, into: &effects)
    case .paused where row.state == .paused:
      if let due = due(of: row, index) { hold(index, due: due) }
    case .paused:
      if let first = firstUnhandled(index, known) { hold(index, due: first) }
    case .active:
      guard !jobs[index].isCustom else {
        if waits(index, known), let due = due(of: row, index) { hold(index, due: due) }
        requestAfterDowntime(index, since: settled(index, known), into: &effects)
        return
      }
      armAfterAbsence(index, firstUnhandled(index, known), of: row, into: &effects)
    }
  }

  /// The nominal instant that waited, if it still does.
  private func due(of row: StoredJob, _ index: Int) -> Int64? {
    guard var due = row.due else { return nil }
    // Elapsed time keeps its distance where the clock was ahead.
    if due > clock.wall, !jobs[index].isOnWallTime { due = due.advanced(by: -store.ahead) }
    return instant(due, of: index)
  }

  /// Whether the instant that is stored with the job is the next one: it was held back, or has not been fired.
  private func waits(_ index: Int, _ known: StoreState.KnownJob) -> Bool {
    guard known.wasDown, let due = known.row.due else { return false }
    let delay = jitter(of: index, at: instant(due, of: index))
    return known.row.state == .paused
      || due.advanced(by: delay) > store.handledBefore ?? known.row.since
  }

  /// Up to where all was settled of a job whose next instant its function tells.
  private func settled(_ index: Int, _ known: StoreState.KnownJob) -> Timestamp {
    guard known.wasDown else { return clock.wall }
    guard !waits(index, known), let handled = store.handledBefore else { return known.row.since }
    return max(handled, known.row.since)
  }

  /// The first instant that was neither handled nor is left out; nil if there is none.
  private mutating func firstUnhandled(_ index: Int, _ known: StoreState.KnownJob) -> Int64? {
    let row = known.row
    if waits(index, known), let due = due(of: row, index) { return due }
    let window = jobs[index].policy.value.window
    let since = known.wasDown ? row.since : clock.wall
    let handled = known.wasDown ? store.handledBefore ?? since : clock.wall
    // Delayed by jitter, a fire may be unhandled although its nominal instant is not after the mark.
    var last = max(
      instant(since, of: index), instant(handled, of: index).saturatingDifference(window.jitter))
    if let start = window.start(registered: jobs[index].registered), start > since {
      if jobs[index].period > 0 { jobs[index].anchor = instant(start, of: index) }
      last = max(last, instant(start, of: index) - 1)
    }
    if jobs[index].hasFixedDelay, jobs[index].lastStarted != .distantPast {
      jobs[index].anchor = instant(min(jobs[index].lastStarted, clock.wall), of: index)
      last = max(jobs[index].anchor, instant(since, of: index))
    }
    var first = next(after: last, of: index)
    while let due = first, due <= instant(handled, of: index), !jobs[index].hasFixedDelay,
      wall(due, of: index).advanced(by: jitter(of: index, at: due)) <= handled
    {
      first = next(after: due, of: index)
    }
    return first
  }

  /// Arms the first fire that was not handled, and catches up with those that have passed meanwhile.
  private mutating func armAfterAbsence(
    _ index: Int, _ first: Int64?, of row: StoredJob, into effects: inout Effects
  ) {
    guard !isPaused(jobs[index].script) else {
      if let first { hold(index, due: first) }
      return
    }
    guard let first, first.saturatingSum(jitter(of: index, at: first)) <= now(of: index) else {
      arm(index, due: first, into: &effects)
      return
    }
    let cause = row.waitsWithScript ? "its script was paused" : "the host was down"
    catchUp(index, from: first, cause: cause, into: &effects)
  }

  /// The first instant, also of a job whose period begins with its window.
  private func next(after last: Int64, of index: Int) -> Int64? {
    let window = jobs[index].policy.value.window
    if jobs[index].period > 0, last < jobs[index].anchor,
      window.start(registered: jobs[index].registered) != nil
    {
      return jobs[index].anchor
    }
    return instant(after: last, of: index)
  }

  /// A wall time on the job's clock.
  func instant(_ wall: Timestamp, of index: Int) -> Int64 {
    jobs[index].isOnWallTime ? wall.nanoseconds : clock.elapsed(at: wall)
  }

  // MARK: Runs

  private func abandoned(_ run: RunRecord) -> RunRecord {
    var run = run
    run.status = .abandoned
    run.endedAt = max(clock.wall, run.startedAt)
    run.failure = RunFailure(message: "the host ended while it ran")
    return run
  }

  /// The job of a run that was cut off is of no script any more.
  func writeAbandoned(_ runs: [RunRecord], into effects: inout Effects) {
    for run in runs { write(.ended(abandoned(run)), into: &effects) }
  }

  private mutating func tellAbandoned(
    _ run: RunRecord, _ index: Int, into effects: inout Effects
  ) {
    let record = abandoned(run)
    write(.ended(record), into: &effects)
    publish(
      .runAbandoned, index, run: run.run, scheduledAt: run.scheduledAt, failure: record.failure,
      into: &effects)
  }

  /// A promise that the host before had made.
  private mutating func resume(
    _ pending: PendingRun, _ index: Int, into effects: inout Effects
  ) {
    var pending = pending
    if store.ahead > 0, pending.isRelative { write(.pendingRun(pending), into: &effects) }
    switch pending.status {
    case .dead:
      dead[pending.run] = pending
      return
    case .waiting: break
    case .running:
      pending.crashes += 1
      guard !becomesDead(pending, index, into: &effects) else { return }
      pending.status = .waiting
      // Its time had come.
      pending.dueAt = min(pending.dueAt, clock.wall)
      write(.pendingRunStatus(pending.run, .waiting, crashes: pending.crashes), into: &effects)
    }
    activate(pending, of: jobs[index].script, named: jobs[index].name, into: &effects)
  }

  /// So many cuts in a row, and a run is not tried again by itself.
  static let crashesUntilDead: Int32 = 3

  /// Parks a run that was cut off too often.
  mutating func becomesDead(
    _ pending: PendingRun, _ index: Int, into effects: inout Effects
  ) -> Bool {
    guard pending.crashes >= Self.crashesUntilDead else { return false }
    var pending = pending
    pending.status = .dead
    dead[pending.run] = pending
    write(.pendingRunStatus(pending.run, .dead, crashes: pending.crashes), into: &effects)
    decide(
      .dead, index, at: pending.scheduledAt,
      reason: "cut off \(pending.crashes) times in a row; it is kept, and not tried again by itself",
      run: pending.run, into: &effects)
    return true
  }
}

extension StoredJob {
  /// It is paused with its script alone, which is not when a host starts.
  fileprivate var waitsWithScript: Bool {
    state == .paused && reason == SchedulerCore.pausedScript
  }
}
