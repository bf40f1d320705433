import MoonwheelModel
import Triggers

/// A job continues where the previous host left it. The first fire that was not handled is `row.due`, if the
/// previous host did not fire it (``isDueUnhandled``). Otherwise it is the first instant after both of these times:
///
///     row.since              the instants of the job up to here are handled or do not count
///     handledBefore          the previous host handled the fires of all jobs up to here; earlier for a job whose script it
///                            could not load
extension SchedulerCore {
  mutating func restore(
    _ index: JobIndex, _ known: StoreState.KnownJob, into effects: inout Effects
  ) {
    let row = known.row
    let isSame = row.trigger == jobs[index].trigger.identity
    if isSame {
      jobs[index].runs = row.runs
      jobs[index].lastStarted = row.lastStarted ?? .distantPast
    }
    if isSame, !restartsWithHost(index) {
      continueFromRow(index, known, into: &effects)
    } else if isSame, row.state == .cancelled || row.state == .paused && !row.waitsWithScript {
      jobs[index].state = row.state
      jobs[index].registered = clock.wall
      jobs[index].anchor = now(of: index)
      makeExtras(of: index).since = row.since
      if let reason = row.reason { makeExtras(of: index).reason = reason }
      resumeWithoutPausedOption(index, row, into: &effects)
    } else {
      begin(index, into: &effects)
    }
    let wanted = self.row(of: index)
    if wanted != row || known.differsFromStore { writeRow(index, into: &effects) }
    for run in known.interrupted {
      let pending = known.pendingRuns.first { $0.run == run.run }
      recordAbandoned(run, index, pending, into: &effects)
    }
    if jobs[index].state == .cancelled {
      end(known.pendingRuns.filter { $0.status != .dead }, of: index, into: &effects)
    } else {
      for pending in known.pendingRuns { resume(pending, index, into: &effects) }
    }
  }

  /// True if the trigger counts from the start of the host, so that the job starts over with each host.
  private func restartsWithHost(_ index: JobIndex) -> Bool {
    if case .once(.elapsed) = jobs[index].schedule { true } else { false }
  }

  private mutating func continueFromRow(
    _ index: JobIndex, _ known: StoreState.KnownJob, into effects: inout Effects
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
      makeExtras(of: index).reason = JobHold.pausedOption
    }
    switch jobs[index].trigger {
    case .onDemand: break
    case .event(let pattern):
      if jobs[index].state == .active { subscribe(index, pattern, into: &effects) }
    case .time, .custom:
      let policy = jobs[index].policy.value
      if let timing = row.timing, timing != policy.timing {
        let wasDelaying = timing.hasSuffix(JobPolicy.fixedDelayWord)
        retime(index, delays: wasDelaying != policy.fixedDelay, into: &effects)
      } else {
        continueSchedule(index, known, into: &effects)
      }
    }
    resumeWithoutPausedOption(index, row, into: &effects)
  }

  /// Resumes a job if its script lost the option `paused` while the host was down.
  private mutating func resumeWithoutPausedOption(
    _ index: JobIndex, _ row: StoredJob, into effects: inout Effects
  ) {
    guard row.hasPausedOption == true, !jobs[index].policy.value.paused,
      jobs[index].state == .paused
    else { return }
    resume(index, into: &effects)
  }

  /// Restores the instants to which texts relative to the present (`at 18:00`, `till = "18:00"`) were first resolved.
  private mutating func resolve(_ index: JobIndex, as row: StoredJob) {
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
    jobs[index].read(SharedPolicy(policy, hold: jobs[index].policy.hold))
  }

  /// The anchor of a job. An anchor in the future is either the start of the job's window, or comes from a clock that
  /// was ahead; the latter is moved to the past without a change of phase.
  private func anchor(of row: StoredJob, _ index: JobIndex) -> Timestamp {
    guard row.anchor > clock.wall else { return row.anchor }
    let start = jobs[index].policy.value.window.start(registered: row.registered)
    if jobs[index].schedule.period != nil, let start, start > clock.wall { return row.anchor }
    guard case .time(let trigger) = jobs[index].trigger else { return clock.wall }
    return trigger.anchor(row.anchor, notAfter: clock.wall)
  }

  private mutating func continueSchedule(
    _ index: JobIndex, _ known: StoreState.KnownJob, into effects: inout Effects
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
      guard !jobs[index].schedule.isCustom else {
        if isDueUnhandled(index, known), let due = due(of: row, index) { hold(index, due: due) }
        requestAfterDowntime(index, since: handledUntil(index, known), into: &effects)
        return
      }
      armAfterDowntime(index, firstUnhandled(index, known), of: row, into: &effects)
    }
  }

  /// The nominal instant in the row, on the job's clock.
  private func due(of row: StoredJob, _ index: JobIndex) -> Int64? {
    guard var due = row.due else { return nil }
    // An instant in elapsed time keeps its distance from now if the clock was ahead.
    if due > clock.wall, !jobs[index].options.contains(.wallTime) {
      due = due.advanced(by: -store.ahead)
    }
    return instant(due, of: index)
  }

  /// True if the previous host did not fire the instant in the row: the job was paused, or the instant had not come.
  private func isDueUnhandled(_ index: JobIndex, _ known: StoreState.KnownJob) -> Bool {
    guard known.wasDown, let due = known.row.due else { return false }
    let delay = jitter(of: index, at: instant(due, of: index))
    return known.row.state == .paused
      || due.advanced(by: delay) > store.handledBefore(of: known) ?? known.row.since
  }

  /// The time up to which the instants of a job with a trigger function are handled.
  private func handledUntil(_ index: JobIndex, _ known: StoreState.KnownJob) -> Timestamp {
    guard known.wasDown else { return clock.wall }
    guard !isDueUnhandled(index, known), let handled = store.handledBefore(of: known) else {
      return known.row.since
    }
    return max(handled, known.row.since)
  }

  /// The first instant that counts and that the previous host did not handle; nil if there is none.
  private mutating func firstUnhandled(_ index: JobIndex, _ known: StoreState.KnownJob) -> Int64? {
    let row = known.row
    if isDueUnhandled(index, known), let due = due(of: row, index) { return due }
    let window = jobs[index].policy.value.window
    let since = known.wasDown ? row.since : clock.wall
    let handled = known.wasDown ? store.handledBefore(of: known) ?? since : clock.wall
    // Jitter may have delayed a fire past `handled`, although its nominal instant is not later.
    var last = max(
      instant(since, of: index), instant(handled, of: index).saturatingDifference(window.jitter))
    if let start = window.start(registered: jobs[index].registered), start > since {
      if jobs[index].schedule.period != nil { jobs[index].anchor = instant(start, of: index) }
      last = max(last, instant(start, of: index) - 1)
    }
    if jobs[index].schedule.hasFixedDelay, jobs[index].lastStarted != .distantPast {
      jobs[index].anchor = instant(min(jobs[index].lastStarted, clock.wall), of: index)
      last = max(jobs[index].anchor, instant(since, of: index))
    }
    var first = next(after: last, of: index)
    while let due = first, due <= instant(handled, of: index), !jobs[index].schedule.hasFixedDelay,
      wall(due, of: index).advanced(by: jitter(of: index, at: due)) <= handled
    {
      first = next(after: due, of: index)
    }
    return first
  }

  /// Arms the first fire that was not handled, or catches up if it has passed.
  private mutating func armAfterDowntime(
    _ index: JobIndex, _ first: Int64?, of row: StoredJob, into effects: inout Effects
  ) {
    guard !isPaused(jobs[index].script) else {
      if let first { hold(index, due: first) }
      return
    }
    guard let first, first.saturatingSum(jitter(of: index, at: first)) <= now(of: index) else {
      arm(index, due: first, into: &effects)
      return
    }
    let cause = row.downtimeCause
    catchUp(
      index, from: first, cause: cause, isLoss: !row.waitsWithScript, into: &effects)
  }

  /// The next instant of a job. For a period that begins with the job's window, that may be its anchor.
  private func next(after last: Int64, of index: JobIndex) -> Int64? {
    let window = jobs[index].policy.value.window
    if jobs[index].schedule.period != nil, last < jobs[index].anchor,
      window.start(registered: jobs[index].registered) != nil
    {
      return jobs[index].anchor
    }
    return instant(after: last, of: index)
  }

  /// A wall time on the job's clock.
  func instant(_ wall: Timestamp, of index: JobIndex) -> Int64 {
    jobs[index].options.contains(.wallTime) ? wall.nanoseconds : clock.elapsed(at: wall)
  }

  // MARK: Runs

  /// Records the end of a run that a crash cut off, and that starts again if it is a pending one.
  mutating func recordAbandoned(
    _ run: RunRecord, _ index: JobIndex, _ pending: PendingRun?, into effects: inout Effects
  ) {
    let record = run.abandoned(at: clock.wall)
    write(.ended(record), into: &effects)
    let dies = pending.map { $0.crashes + 1 >= PendingRun.crashesUntilDead } ?? true
    publish(
      .runAbandoned, index, run: run.run, scheduledAt: run.scheduledAt,
      reason: record.failure?.message, failure: record.failure,
      attempt: .init(run.attempt, isFinal: dies), into: &effects)
    guard pending == nil, let failure = record.failure else { return }
    publish(
      .runGivenUp, index, run: run.run, scheduledAt: run.scheduledAt, failure: failure,
      attempt: .init(run.attempt, isFinal: true), status: record.status.rawValue, into: &effects)
    runFailureHook(
      run.run, index, attempt: run.attempt, number: run.number, scheduledAt: run.scheduledAt,
      failure.value(record.status.rawValue), into: &effects)
  }

  /// Schedules a pending run of the previous host.
  mutating func resume(
    _ pending: PendingRun, _ index: JobIndex, into effects: inout Effects
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
      guard pending.crashes < PendingRun.crashesUntilDead else {
        die(pending, index, into: &effects)
        return
      }
      restart(pending, index, into: &effects)
      return
    }
    activate(pending, of: jobs[index].script, named: jobs[index].name, into: &effects)
  }
}

extension StoredJob {
  /// True if the job is paused only because its script was. A script is not paused when a host starts.
  fileprivate var waitsWithScript: Bool {
    state == .paused && reason == JobHold.pausedScript
  }

  /// Why its fires were not handled before it was restored.
  fileprivate var downtimeCause: String {
    if waitsWithScript { return "its script was paused" }
    return unloadedSince == nil ? "the host was down" : "its script did not load"
  }
}
