import MoonwheelModel
import Triggers

/// The end of a run: what is kept of it, what it leads to, and what was waiting for it.
extension SchedulerCore {
  mutating func finished(_ report: borrowing RunReport, into effects: inout Effects) {
    guard !report.isHook else {
      end(generationIndex[report.generation], into: &effects)
      return
    }
    let index = index(of: report.job)
    recordEnd(report, index, into: &effects)
    if let index, let state = report.details?.content.state {
      makeExtras(of: index).state = state
      if isStored(index) {
        ensureRow(index, into: &effects)
        guard !store.isDurable else {
          // The run has not ended before its state is safe: else the next one could see what a crash takes back.
          let ticket = store.ticket(for: .report(copy report))
          effects.writes.append(StoreWrite(.state(jobs[index].key, state), ticket: ticket))
          return
        }
        write(.state(jobs[index].key, state), into: &effects)
      }
    }
    settle(report, into: &effects)
  }

  mutating func finished(_ silent: SilentEnds, into effects: inout Effects) {
    var began = silent.began
    for position in silent.ends.indices {
      let end = silent.end(position)
      if end.isOver,
        !finishedSilently(silent, position, entered: began, endedAt: end.time, into: &effects)
      {
        finished(silent.report(position, entered: began, endedAt: end.time), into: &effects)
      }
      began = end.time
    }
  }

  /// What ``finished(_:into:)`` comes to for most runs: nothing is to be told, and nothing waits for the end. False where it
  /// is another; nothing has happened then. The dispatch is read where it lies: a copy would cost as much as the rest.
  @inline(__always)
  private mutating func finishedSilently(
    _ silent: SilentEnds, _ position: Int, entered: Int64, endedAt end: Int64,
    into effects: inout Effects
  ) -> Bool {
    let place = silent.first + position
    guard !silent.dispatches[place].isRecorded, !silent.dispatches[place].isTracked,
      !interest.contains(.runSucceeded), !isDraining,
      let index = index(of: silent.dispatches[place].job), jobs[index].waiting == nil,
      !jobs[index].hasHooks, !jobs[index].hasFixedDelay,
      jobs[index].state == .active || jobs[index].state == .finished && !jobs[index].isDynamic,
      jobs[index].extras == nil || jobs[index].extras?.catchUpRun == nil
    else { return false }
    let generation = Int(jobs[index].generation)
    guard generations[generation].id == silent.dispatches[place].generation,
      !generations[generation].isRetired
    else { return false }
    if silent.dispatches[place].key != .none {
      let past = silent.past(position, entered: entered)
      sumUp(
        index, at: silent.dispatches[place].scheduledAt, from: past.startedAt, until: end,
        processorTime: past.used + (end - entered), into: &effects)
    }
    jobs[index].running -= 1
    activeRuns -= 1
    generations[generation].active -= 1
    return true
  }

  /// What follows from a run that has ended and is recorded.
  mutating func settle(_ report: borrowing RunReport, into effects: inout Effects) {
    guard !report.dispatch.hasSuccessor else {
      leaseAdvanced(report, into: &effects)
      return
    }
    let place: Int?
    if let index = index(of: report.job) {
      let current = Int(jobs[index].generation)
      place =
        generations[current].id == report.generation
        ? current : generationIndex[report.generation]
      conclude(report, index, into: &effects)
    } else {
      concludeRemoved(report, into: &effects)
      place = generationIndex[report.generation]
    }
    end(place, into: &effects)
  }

  private mutating func end(_ place: Int?, into effects: inout Effects) {
    activeRuns -= 1
    if let place {
      generations[place].active -= 1
      closeIfUnused(place, into: &effects)
    }
    guard isDraining, activeRuns == 0 else { return }
    effects.isDrained = true
    flushSummaries(into: &effects)
  }

  private mutating func conclude(
    _ report: borrowing RunReport, _ index: Int, into effects: inout Effects
  ) {
    revokeLeases(index)
    jobs[index].running -= 1
    if jobs[index].hasFixedDelay, jobs[index].running == 0 { delayedJobs -= 1 }
    if let extras = jobs[index].extras, extras.catchUpRun == report.run { extras.catchUpRun = nil }
    tell(report, index, into: &effects)
    follow(report, index, into: &effects)
    if case .cancelledJob = report.outcome { cancel(index, into: &effects) }
    startWaiting(index, into: &effects)
    if jobs[index].hasFixedDelay {
      armAfterRun(index, endedAt: report.endedAt, into: &effects)
      if report.isRecorded, isStored(index) { write(countsChange(index), into: &effects) }
    }
    removeIfEnded(index, into: &effects)
  }

  /// The event of the end, or the reason why nothing was run.
  mutating func tell(
    _ report: borrowing RunReport, _ index: Int, into effects: inout Effects
  ) {
    switch report.outcome {
    case .declined:
      decide(.skipped, index, at: report.scheduledAt, reason: "when said no", into: &effects)
    case .misfired(let late):
      decide(
        .misfired, index, at: report.scheduledAt, reason: misfire(late, index), into: &effects)
    default:
      publish(
        report.outcome.event, index, run: report.run, scheduledAt: report.scheduledAt,
        failure: report.outcome.failure, depth: report.depth, into: &effects)
    }
  }

  /// Retries, restarts, hooks, and the end of a promise.
  mutating func follow(
    _ report: borrowing RunReport, _ index: Int, into effects: inout Effects
  ) {
    guard report.outcome.failure != nil || !tracked.isEmpty || report.details != nil else {
      if jobs[index].hasHooks { runHook(.success, index, report, into: &effects) }
      return
    }
    if retry(report, index, into: &effects) {
      tracked[report.run] = nil
      runHook(.retry, index, report, into: &effects)
      return
    }
    let isRestarted = restart(report, index, into: &effects)
    if let pending = tracked.removeValue(forKey: report.run), !isRestarted,
      isWritten(pending, index)
    {
      write(.pendingRunEnded(report.run), into: &effects)
    }
    guard !isRestarted else { return }
    if report.outcome.failure != nil {
      runHook(.failure, index, report, into: &effects)
    } else if report.outcome.status.isGood {
      runHook(.success, index, report, into: &effects)
    }
  }

  /// Whether the store knows of a run to be started again.
  private func isWritten(_ pending: PendingRun, _ index: Int) -> Bool {
    isStored(index) && (pending.kind != .fire || jobs[index].policy.value.restart == true)
  }

  /// The job has left while the run was under way.
  private mutating func concludeRemoved(
    _ report: borrowing RunReport, into effects: inout Effects
  ) {
    if tracked.removeValue(forKey: report.run) != nil, report.key != .none {
      write(.pendingRunEnded(report.run), into: &effects)
    }
    guard var removedJobs = removedJobs[report.job] else { return }
    removedJobs.running -= 1
    self.removedJobs[report.job] = removedJobs.running > 0 ? removedJobs : nil
    tell(report, of: removedJobs, into: &effects)
  }

  /// A run of a series has ended whose job has left.
  func reportRemoved(_ report: borrowing RunReport, into effects: inout Effects) {
    guard let removedJobs = removedJobs[report.job] else { return }
    tell(report, of: removedJobs, into: &effects)
  }

  private func tell(
    _ report: borrowing RunReport, of removedJobs: RemovedJob, into effects: inout Effects
  ) {
    guard interest.contains(report.outcome.event) else { return }
    effects.events.append(
      HostEvent(
        kind: report.outcome.event, script: removedJobs.script, job: removedJobs.name, run: report.run,
        scheduledAt: report.scheduledAt, count: 1, reason: nil, failure: report.outcome.failure,
        isAboutHostHandler: removedJobs.isHostHandler, depth: report.depth))
  }

  /// Sets the next fire of a fixed delay, unless another run has begun or a fire is due anyhow.
  private mutating func armAfterRun(_ index: Int, endedAt: Int64, into effects: inout Effects) {
    guard jobs[index].running == 0, jobs[index].state == .active, jobs[index].timer == .none,
      !isDraining, !isPaused(jobs[index].script)
    else { return }
    let (due, overflow) = endedAt.addingReportingOverflow(jobs[index].period)
    arm(index, due: overflow ? nil : due, into: &effects)
  }

  // MARK: Hooks

  /// Starts the hook that tells how a run ended, if the job has it.
  private mutating func runHook(
    _ which: Hooks, _ index: Int, _ report: borrowing RunReport, into effects: inout Effects
  ) {
    guard wantsHook(which, index) else { return }
    let value: Value
    if case .succeeded(let result) = report.outcome {
      value = result
    } else {
      value = report.outcome.failure.map { Self.value(of: $0, report.outcome.status) } ?? .nil
    }
    startHook(
      which, index, value, run: report.run, attempt: report.attempt, number: report.number,
      scheduledAt: report.scheduledAt, into: &effects)
  }

  /// Starts the hook that tells of fires that were missed, if the job has it.
  mutating func runMissedHook(
    _ index: Int, from: Timestamp, count: Int64, reason: String, into effects: inout Effects
  ) {
    guard wantsHook(.missed, index) else { return }
    let value: Value = [
      "scheduled_at": .number(Double(from.nanoseconds) / 1e9), "count": .integer(count),
      "reason": .string(reason),
    ]
    startHook(
      .missed, index, value, run: newRun(), attempt: 1, number: jobs[index].runs,
      scheduledAt: from, into: &effects)
  }

  private func wantsHook(_ which: Hooks, _ index: Int) -> Bool {
    jobs[index].hasHooks && jobs[index].policy.value.hooks.contains(which)
      && generations[Int(jobs[index].generation)].isOpen
  }

  private mutating func startHook(
    _ which: Hooks, _ index: Int, _ value: Value, run: Run.ID, attempt: Int32, number: Int64,
    scheduledAt: Timestamp, into effects: inout Effects
  ) {
    let place = Int(jobs[index].generation)
    activeRuns += 1
    generations[place].active += 1
    effects.dispatches.append(
      Dispatch(
        generation: generations[place].id, job: id(of: index), run: run,
        handle: jobs[index].handle,
        priority: jobs[index].priority, attempt: attempt, number: number,
        scheduledAt: scheduledAt, key: jobs[index].key, isRecorded: false,
        extras: Boxed(Dispatch.Extras(hook: .init(which, value)))))
  }

  private static func value(of failure: RunFailure, _ status: RunStatus) -> Value {
    var fields: [Value: Value] = [
      "message": .string(failure.message), "status": .string(status.rawValue),
    ]
    if !failure.data.isNil { fields["data"] = failure.data }
    if !failure.traceback.isEmpty { fields["traceback"] = .string(failure.traceback) }
    return .table(fields)
  }
}
