import TimerWheel
import Triggers

/// What the core tells the store, and what it makes of what was stored.
extension SchedulerCore {
  /// Whether the job has a row.
  func isStored(_ index: Int) -> Bool { jobs[index].key != .none }

  func write(_ change: StoreChange, into effects: inout Effects) {
    effects.writes.append(StoreWrite(change))
  }

  // MARK: Rows

  /// Gives a job its row: a new one, or the one that its name had. Jobs of callbacks have none.
  mutating func enroll(_ index: Int, isNamed: Bool, into effects: inout Effects) -> StoreState
    .KnownJob?
  {
    guard store.isOn, !jobs[index].isDynamic else { return nil }
    jobs[index].isNamed = isNamed
    guard store.hasKnown, let script = scripts[jobs[index].script]?.name,
      let known = store.take(jobs[index].name, of: script)
    else {
      jobs[index].key = store.newKey()
      return nil
    }
    jobs[index].key = known.row.key
    jobs[index].hasRow = true
    if let state = known.state { makeLedger(of: index).state = state }
    return known
  }

  /// Tells the store of a job as it is now. A store that does not last hears of it with the first thing to keep.
  mutating func writeRow(_ index: Int, into effects: inout Effects) {
    guard isStored(index), store.isDurable || jobs[index].hasRow else { return }
    jobs[index].hasRow = true
    write(.job(row(of: index)), into: &effects)
  }

  /// Sees to it that the store has the job's row.
  mutating func ensureRow(_ index: Int, into effects: inout Effects) {
    guard !jobs[index].hasRow else { return }
    jobs[index].hasRow = true
    write(.job(row(of: index)), into: &effects)
  }

  func row(of index: Int) -> StoredJob {
    let job = jobs[index]
    var instants: [Timestamp] = []
    if case .time(let trigger) = job.trigger, let at = trigger.instants, at.isRelative {
      instants = at.at
    }
    return StoredJob(
      key: job.key, script: scripts[job.script]?.name ?? "", name: job.name, isNamed: job.isNamed,
      trigger: job.trigger.identity, anchor: wall(job.anchor, of: index),
      registered: job.registered, instants: instants,
      due: job.isHeld ? wall(job.due, of: index) : nil, fires: job.fires, runs: job.runs,
      lastStarted: job.lastStarted == .distantPast ? nil : job.lastStarted, state: job.state,
      reason: job.ledger?.reason, history: job.policy.value.history,
      failures: job.policy.value.failures)
  }

  /// Keeps the row of a job that its script has no more, for one of that name.
  mutating func orphan(_ index: Int, into effects: inout Effects) {
    guard isStored(index), let script = scripts[jobs[index].script]?.name else { return }
    let row = row(of: index)
    let hasPromises = jobs[index].waiting != nil
    guard
      store.isDurable || jobs[index].state == .paused || hasPromises
        || jobs[index].ledger?.state != nil
    else {
      if jobs[index].hasRow { write(.forget(row.key), into: &effects) }
      return
    }
    write(
      .counts(row.key, runs: row.runs, fires: row.fires, lastStarted: row.lastStarted),
      into: &effects)
    write(.orphaned(row.key, clock.wall), into: &effects)
    store.known[script, default: [:]][row.name] = StoreState.KnownJob(
      row: row, state: jobs[index].ledger?.state)
  }

  /// All scripts that were there at the start have been tried: what nobody has is orphaned.
  mutating func noteLoaded(into effects: inout Effects) {
    store.hasLoaded = true
    let scripts = store.known.keys.sorted()
    for script in scripts {
      for name in (store.known[script] ?? [:]).keys.sorted() {
        guard let known = store.known[script]?[name] else { continue }
        for run in known.interrupted { write(.ended(abandoned(run)), into: &effects) }
        store.known[script]?[name]?.interrupted = []
        if known.row.orphanedAt == nil {
          store.known[script]?[name]?.row.orphanedAt = clock.wall
          write(.orphaned(known.row.key, clock.wall), into: &effects)
        }
      }
    }
  }

  // MARK: After a restart

  /// Goes on with a job where the host before left it.
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
    } else if isSame, row.state == .paused || row.state == .cancelled {
      jobs[index].state = row.state
      jobs[index].registered = clock.wall
      jobs[index].anchor = now(of: index)
      if let reason = row.reason { makeLedger(of: index).reason = reason }
    } else {
      begin(index, into: &effects)
    }
    let wanted = self.row(of: index)
    if wanted != row { writeRow(index, into: &effects) }
    for run in known.interrupted { tellAbandoned(run, index, into: &effects) }
    for promise in known.promises { resume(promise, index, into: &effects) }
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
    if !row.instants.isEmpty, case .time(let trigger) = jobs[index].trigger {
      jobs[index].read(.time(trigger.resolved(to: row.instants)))
    }
    jobs[index].anchor = instant(row.anchor, of: index)
    jobs[index].registered = row.registered
    jobs[index].fires = row.fires
    jobs[index].state = row.state
    if let reason = row.reason { makeLedger(of: index).reason = reason }
    switch jobs[index].trigger {
    case .onDemand: return
    case .event(let pattern):
      if row.state == .active { subscribe(index, pattern, into: &effects) }
    case .time, .custom:
      if row.state == .paused, let due = row.due {
        jobs[index].due = instant(due, of: index)
        jobs[index].isHeld = true
      }
      guard row.state == .active else { return }
      let since = known.wasDown ? store.handledBefore ?? row.registered : clock.wall
      guard !jobs[index].isCustom else {
        askAfterAbsence(index, since: since, into: &effects)
        return
      }
      armAfterAbsence(index, since: since, into: &effects)
    }
  }

  /// Arms the first fire that was not handled, and catches up with those that have passed meanwhile.
  private mutating func armAfterAbsence(
    _ index: Int, since: Timestamp, into effects: inout Effects
  ) {
    let window = jobs[index].policy.value.window
    var last = instant(since, of: index)
    if jobs[index].hasFixedDelay, jobs[index].lastStarted != .distantPast {
      jobs[index].anchor = instant(jobs[index].lastStarted, of: index)
      last = jobs[index].anchor
    }
    if let from = window.from, from > since {
      if jobs[index].period > 0 { jobs[index].anchor = instant(from, of: index) }
      last = max(last, instant(from, of: index) - 1)
    }
    // Delayed by jitter, a fire may be unhandled although its nominal instant is not after `since`.
    var first = next(after: last &- window.jitter, of: index)
    while let due = first, due <= last,
      wall(due, of: index).advanced(by: jitter(of: index, at: due)) <= since
    {
      first = next(after: due, of: index)
    }
    guard let first, first <= now(of: index) else {
      guard !isPaused(jobs[index].script) else {
        if let first { hold(index, due: first) }
        return
      }
      arm(index, due: first, into: &effects)
      return
    }
    guard !isPaused(jobs[index].script) else {
      hold(index, due: first)
      return
    }
    catchUp(index, from: first, cause: "the host was down", into: &effects)
  }

  /// The first instant, also of a job whose period begins with `from`.
  private func next(after last: Int64, of index: Int) -> Int64? {
    if jobs[index].period > 0, jobs[index].policy.value.window.from != nil,
      last < jobs[index].anchor
    {
      return jobs[index].anchor
    }
    return instant(after: last, of: index)
  }

  /// A wall time on the job's clock.
  func instant(_ wall: Timestamp, of index: Int) -> Int64 {
    jobs[index].isOnWallTime ? wall.nanoseconds : wall.nanoseconds &- clock.offset
  }

  private func abandoned(_ run: RunRecord) -> RunRecord {
    var run = run
    run.status = .abandoned
    run.endedAt = clock.wall
    run.failure = RunFailure(message: "the host ended while it ran")
    return run
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
    _ promise: StoredPromise, _ index: Int, into effects: inout Effects
  ) {
    var promise = promise
    switch promise.status {
    case .parked:
      parked[promise.run] = promise
      return
    case .waiting: break
    case .running:
      promise.cuts += 1
      guard !isHopeless(promise, index, into: &effects) else { return }
      promise.status = .waiting
      write(.promiseStatus(promise.run, .waiting, cuts: promise.cuts), into: &effects)
    }
    activate(
      promise, of: jobs[index].script, named: jobs[index].name, isOnWallTime: true, into: &effects)
  }

  /// So many cuts in a row, and a run is not tried again by itself.
  static let cutsBeforeParking: Int32 = 3

  /// Parks a run that was cut off too often.
  mutating func isHopeless(
    _ promise: StoredPromise, _ index: Int, into effects: inout Effects
  ) -> Bool {
    guard promise.cuts >= Self.cutsBeforeParking else { return false }
    var promise = promise
    promise.status = .parked
    parked[promise.run] = promise
    write(.promiseStatus(promise.run, .parked, cuts: promise.cuts), into: &effects)
    decide(
      .parked, index, at: promise.scheduledAt,
      reason: "cut off \(promise.cuts) times in a row; it is kept, and not tried again by itself",
      run: promise.run, into: &effects)
    return true
  }

  // MARK: Acknowledgements

  /// The store has made changes, or could not.
  mutating func stored(_ tickets: [UInt64], _ failure: StoreError?, into effects: inout Effects) {
    for ticket in tickets {
      guard let pending = store.pending.removeValue(forKey: ticket) else { continue }
      switch pending {
      case .promise(let promise, let script, let name, let isOnWallTime, let reply):
        if let failure {
          answer(reply, .refused(failure.description, code: failure.code.rawValue), into: &effects)
        } else {
          activate(promise, of: script, named: name, isOnWallTime: isOnWallTime, into: &effects)
          answer(reply, .run(promise.run), into: &effects)
        }
      case .answer(let reply, let wanted):
        let refusal = failure.map {
          JobAnswer.refused(
            "it holds until the host ends, since it could not be stored: \($0.description)",
            code: $0.code.rawValue)
        }
        answer(reply, refusal ?? wanted, into: &effects)
      case .report(let report): settle(report, into: &effects)
      }
    }
  }

  func answer(_ reply: StoreState.Reply, _ answer: JobAnswer, into effects: inout Effects) {
    switch reply {
    case .nobody: break
    case .park(let park): effects.answers.append((park, answer))
    case .request(let request): effects.namedAnswers.append((request, answer))
    }
  }

  /// Answers when a job's new state is safe.
  mutating func answerWhenStored(
    _ index: Int, _ reply: StoreState.Reply, into effects: inout Effects
  ) {
    guard isStored(index), store.isDurable else {
      answer(reply, .done, into: &effects)
      return
    }
    let ticket = store.ticket(for: .answer(reply, .done))
    effects.writes.append(StoreWrite(statusChange(index), ticket: ticket))
  }

  func statusChange(_ index: Int) -> StoreChange {
    .status(
      jobs[index].key, jobs[index].state, reason: jobs[index].ledger?.reason,
      due: jobs[index].isHeld ? wall(jobs[index].due, of: index) : nil)
  }

  /// Tells the store that a job is paused, cancelled, finished, or goes on.
  mutating func writeStatus(_ index: Int, into effects: inout Effects) {
    guard isStored(index) else { return }
    guard jobs[index].hasRow else {
      writeRow(index, into: &effects)
      return
    }
    write(statusChange(index), into: &effects)
  }
}
