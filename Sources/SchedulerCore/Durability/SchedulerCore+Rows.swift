import MoonwheelModel
import TimerWheel
import Triggers

/// The rows of jobs in the store: the core writes them, and looks them up when a script is loaded.
extension SchedulerCore {
  /// True if the job has a key in the store.
  @inline(__always)
  func isStored(_ index: JobIndex) -> Bool { !jobs[index].key.isNone }

  func write(_ change: StoreChange, into effects: inout Effects) {
    effects.writes.append(StoreWrite(change))
  }

  // MARK: Rows

  /// Gives a job a key in the store. Returns the stored job if there is one with its name. Jobs that a callback
  /// registers get no key.
  mutating func enroll(_ index: JobIndex, isNamed: Bool, into effects: inout Effects) -> StoreState
    .KnownJob?
  {
    guard store.isOn, !jobs[index].isDynamic else { return nil }
    jobs[index].isNamed = isNamed
    guard store.hasKnown, let script = scripts[jobs[index].script]?.name,
      let known = store.removeKnown(jobs[index].name, of: script)
    else {
      jobs[index].key = store.newKey()
      return nil
    }
    jobs[index].key = known.row.key
    jobs[index].hasRow = true
    if let state = known.state { makeExtras(of: index).setState(state, known.stateHold) }
    return known
  }

  /// Writes the job's row. A store that is not durable gets the row only with the first record of the job.
  mutating func writeRow(_ index: JobIndex, into effects: inout Effects) {
    guard isStored(index), store.isDurable || jobs[index].hasRow else { return }
    jobs[index].hasRow = true
    write(.job(row(of: index)), into: &effects)
  }

  /// Writes the job's row if the store does not have it.
  mutating func ensureRow(_ index: JobIndex, into effects: inout Effects) {
    guard !jobs[index].hasRow else { return }
    jobs[index].hasRow = true
    write(.job(row(of: index)), into: &effects)
  }

  func row(of index: JobIndex) -> StoredJob {
    var row = StoredJob(
      jobs[index], script: scripts[jobs[index].script]?.name ?? "",
      anchor: wall(jobs[index].anchor, of: index))
    row.since = storedSince(of: index)
    row.due = storedDue(of: index)
    (row.state, row.reason) = storedStatus(of: index)
    return row
  }

  /// The state for the row. A job that is paused only with its script is stored with the reason ``JobHold/pausedScript``, since
  /// the next host does not pause the script.
  private func storedStatus(of index: JobIndex) -> (state: JobStatus.State, reason: String?) {
    guard jobs[index].state == .active, jobs[index].schedule.isTimed, isPaused(jobs[index].script)
    else {
      return (jobs[index].state, reason(of: index))
    }
    return (.paused, JobHold.pausedScript)
  }

  /// The time up to which the job's instants are handled. For a trigger function that includes the instant of the last
  /// request.
  private func storedSince(of index: JobIndex) -> Timestamp {
    let since = jobs[index].since
    return jobs[index].schedule.isCustom ? max(since, wall(jobs[index].anchor, of: index)) : since
  }

  private func storedDue(of index: JobIndex) -> Timestamp? {
    let isArmed = jobs[index].timer != .none && jobs[index].schedule.dependsOnLastFire
    return jobs[index].isHeld || isArmed ? wall(jobs[index].due, of: index) : nil
  }

  /// The change after a start or an end of a run.
  func countsChange(_ index: JobIndex) -> StoreChange {
    .counts(
      jobs[index].key, runs: jobs[index].runs, fires: jobs[index].fires,
      lastStarted: jobs[index].lastStarted, due: storedDue(of: index))
  }

  /// Keeps the row of a job that its script no longer has, for a later job of that name.
  mutating func orphan(_ index: JobIndex, into effects: inout Effects) {
    guard isStored(index), let script = scripts[jobs[index].script]?.name else { return }
    var row = row(of: index)
    let hasPendingRuns = jobs[index].waiting != nil
    guard
      store.isDurable || jobs[index].state == .paused || hasPendingRuns
        || jobs[index].extras?.state != nil
    else {
      if jobs[index].hasRow { write(.forget(row.key), into: &effects) }
      return
    }
    row.orphanedAt = clock.wall
    if jobs[index].hasRow { write(.job(row), into: &effects) }
    store.known[script, default: [:]][row.name] = StoreState.KnownJob(
      row: row, state: jobs[index].extras?.state,
      stateHold: jobs[index].extras?.stateHold ?? .none)
  }

  /// The driver has tried to load all scripts.
  mutating func finishLoading(without failed: Set<String>, into effects: inout Effects) {
    store.hasLoaded = true
    reportStoreAhead(into: &effects)
    effects.writes += store.orphanKnown(at: clock.wall, except: failed).map { StoreWrite($0) }
    effects.kept += store.kept(without: scripts.values.filter { $0.generation != nil }.map(\.name))
  }

  // MARK: Acknowledgements

  /// The store has made the changes of these tickets, or has failed.
  mutating func stored(_ tickets: [UInt64], _ failure: StoreError?, into effects: inout Effects) {
    for ticket in tickets {
      guard let write = store.awaitedWrites.removeValue(forKey: ticket) else { continue }
      switch write {
      case .pendingRun(let pending, let script, let name, let reply):
        if let failure {
          answer(reply, .refused(failure.description, code: failure.code.rawValue), into: &effects)
        } else {
          answer(reply, .run(pending.run), into: &effects)
          activate(pending, of: script, named: name, into: &effects)
        }
      case .answer(let reply, let wanted):
        let refusal = failure.map {
          JobAnswer.refused(
            "it holds only until the host ends, because the store failed: \($0.description)",
            code: $0.code.rawValue)
        }
        answer(reply, refusal ?? wanted, into: &effects)
      case .report(let report): applyEnd(report, into: &effects)
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

  /// Sends the answer once the job's new state is safe in the store.
  mutating func answerWhenStored(
    _ index: JobIndex, _ reply: StoreState.Reply, into effects: inout Effects
  ) {
    guard isStored(index), store.isDurable else {
      answer(reply, .done, into: &effects)
      return
    }
    let ticket = store.ticket(for: .answer(reply, .done))
    effects.writes.append(StoreWrite(statusChange(index), ticket: ticket))
  }

  func statusChange(_ index: JobIndex) -> StoreChange {
    let status = storedStatus(of: index)
    return .status(
      jobs[index].key, status.state, reason: status.reason, due: storedDue(of: index),
      since: storedSince(of: index))
  }

  /// Writes that a job was resumed. A job with a window needs the whole row, since its anchor may have changed.
  mutating func writeResumed(_ index: JobIndex, into effects: inout Effects) {
    guard jobs[index].options.contains(.window) else {
      writeStatus(index, into: &effects)
      return
    }
    writeRow(index, into: &effects)
  }

  /// Writes that a job was paused, cancelled, finished or resumed.
  mutating func writeStatus(_ index: JobIndex, into effects: inout Effects) {
    guard isStored(index) else { return }
    guard jobs[index].hasRow else {
      writeRow(index, into: &effects)
      return
    }
    write(statusChange(index), into: &effects)
  }
}

extension StoredJob {
  /// The row of a job, but for what depends on the state of the core.
  fileprivate init(_ job: JobRecord, script: String, anchor: Timestamp) {
    let policy = job.policy.value
    var instants: [Timestamp] = []
    if case .time(let trigger) = job.trigger { instants = trigger.relativeInstants }
    self.init(
      key: job.key, script: script, name: job.name, isNamed: job.isNamed,
      trigger: job.trigger.identity, anchor: anchor, registered: job.registered,
      timing: policy.timing, hasPausedOption: policy.paused, from: policy.window.from,
      till: policy.window.till, instants: instants, fires: job.fires, runs: job.runs,
      lastStarted: job.lastStarted == .distantPast ? nil : job.lastStarted,
      history: policy.history, failures: policy.failures)
  }
}
