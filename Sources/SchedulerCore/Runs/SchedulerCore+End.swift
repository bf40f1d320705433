import MoonwheelModel
import Triggers

/// The end of a run: the core records it, tries the run again or starts hooks, and starts runs that waited for it.
extension SchedulerCore {
  mutating func finished(_ report: borrowing RunEnd, into effects: inout Effects) {
    guard !report.isHook else {
      endActiveRun(in: generationIndices[report.generation], into: &effects)
      return
    }
    effects.ended.count(report.outcome)
    let index = index(of: report.job)
    recordEnd(report, index, into: &effects)
    if let index, let details = report.details?.content, let state = details.state {
      makeExtras(of: index).setState(state, details.stateHold)
      if isStored(index) {
        ensureRow(index, into: &effects)
        guard !store.isDurable else {
          // The run ends only when its state is safe. Otherwise the next run could see a state that a crash undoes.
          let ticket = store.ticket(for: .report(copy report))
          effects.writes.append(StoreWrite(.state(jobs[index].key, state), ticket: ticket))
          return
        }
        write(.state(jobs[index].key, state), into: &effects)
      }
    }
    applyEnd(report, into: &effects)
  }

  mutating func finished(_ ends: borrowing RunEnds, into effects: inout Effects) {
    for index in ends.entries.indices where !ends.entries[index].isOpen {
      if !endsSilently(ends, index, into: &effects) { finished(ends.end(index), into: &effects) }
    }
  }

  /// Ends a run whose end nobody waits for or hears of, as most ends are. Returns false, without an effect, for any
  /// other. It reads the dispatch in place, since a copy would cost as much as the rest: jobs that are always due would
  /// cost 1.2 to 1.4 times as much.
  @inline(__always)
  private mutating func endsSilently(
    _ ends: borrowing RunEnds, _ index: Int, into effects: inout Effects
  ) -> Bool {
    let dispatch = ends.first + index
    guard ends.ending(index) == nil,
      !ends.dispatches[dispatch].isRecorded, !ends.dispatches[dispatch].isTracked,
      ends.dispatches[dispatch].extras == nil, !interest.contains(.runSucceeded), !isDraining,
      let job = self.index(of: ends.dispatches[dispatch].job), jobs[job].waiting == nil,
      !jobs[job].options.contains(.hooks), !jobs[job].schedule.hasFixedDelay,
      jobs[job].state == .active || jobs[job].state == .finished && !jobs[job].isDynamic,
      jobs[job].extras == nil || jobs[job].extras?.catchUpRun == nil
    else { return false }
    let generation = jobs[job].generation
    guard generations[generation].id == ends.dispatches[dispatch].generation,
      !generations[generation].isRetired
    else { return false }
    if !ends.dispatches[dispatch].key.isNone {
      let entry = ends.entries[index]
      sumUp(
        job, at: ends.dispatches[dispatch].scheduledAt, from: entry.startedAt,
        until: entry.endedAt, processorTime: entry.processorTime, into: &effects)
    }
    jobs[job].running -= 1
    activeRuns -= 1
    generations[generation].active -= 1
    effects.ended.countSuccess()
    return true
  }

  /// Applies the end of a run after its record and its state are written.
  mutating func applyEnd(_ report: borrowing RunEnd, into effects: inout Effects) {
    guard !report.dispatch.hasSuccessor else {
      leaseAdvanced(report, into: &effects)
      return
    }
    let generation: GenerationIndex?
    if let index = index(of: report.job) {
      let current = jobs[index].generation
      generation =
        generations[current].id == report.generation
        ? current : generationIndices[report.generation]
      conclude(report, index, into: &effects)
    } else {
      concludeRemoved(report, into: &effects)
      generation = generationIndices[report.generation]
    }
    endActiveRun(in: generation, into: &effects)
  }

  private mutating func endActiveRun(in generation: GenerationIndex?, into effects: inout Effects) {
    activeRuns -= 1
    if let generation {
      generations[generation].active -= 1
      closeIfUnused(generation, into: &effects)
    }
    guard isDraining, activeRuns == 0 else { return }
    effects.isDrained = true
    flushSummaries(into: &effects)
  }

  private mutating func conclude(
    _ report: borrowing RunEnd, _ index: JobIndex, into effects: inout Effects
  ) {
    endLease(index)
    BusyJob.ended(report, index, in: &self, into: &effects)
    follow(report, index, into: &effects)
    if case .cancelledJob = report.outcome {
      cancel(index, reason: JobHold.cancelledByRun, into: &effects)
    }
    continueAfterRun(
      index, endedAt: report.endedAt, isRecorded: report.isRecorded, into: &effects)
  }

  /// Starts what has waited for the end of a run, as far as the job may.
  mutating func continueAfterRun(
    _ index: JobIndex, endedAt: Int64, isRecorded: Bool, into effects: inout Effects
  ) {
    startWaiting(index, into: &effects)
    if jobs[index].schedule.hasFixedDelay {
      armAfterRun(index, endedAt: endedAt, into: &effects)
      if isRecorded, isStored(index) { write(countsChange(index), into: &effects) }
    }
    removeIfEnded(index, into: &effects)
  }

  /// Publishes the end of a run, and tries it again or starts a hook.
  mutating func follow(
    _ report: borrowing RunEnd, _ index: JobIndex, into effects: inout Effects
  ) {
    let sequel = sequel(of: report, index)
    publishEnd(report, index, sequel, into: &effects)
    carryOut(sequel, of: report, index, into: &effects)
  }

  /// Publishes the end of a run, or records why the callback was not called.
  private mutating func publishEnd(
    _ report: borrowing RunEnd, _ index: JobIndex, _ sequel: Sequel, into effects: inout Effects
  ) {
    switch report.outcome {
    case .declined:
      decide(.skipped, index, at: report.scheduledAt, reason: "when said no", into: &effects)
    case .misfired(let late):
      decide(
        .misfired, index, at: report.scheduledAt, reason: jobs[index].policy.value.misfire(late),
        into: &effects)
    default:
      effects.publishEnd(
        of: report, script: jobs[index].script, job: jobs[index].name, sequel,
        isStopping: isDraining && jobs[index].state != .cancelled,
        isAboutHostHandler: jobs[index].schedule.isHostHandler, to: interest)
    }
  }

  private func sequel(of report: borrowing RunEnd, _ index: JobIndex) -> Sequel {
    guard report.outcome.failure != nil || report.details != nil else { return .end }
    if let delay = retryDelay(report, index) { return .retry(after: delay) }
    return tracked[report.run].flatMap { restart(of: $0, after: report.outcome, index) } ?? .end
  }

  /// Tries the run again or starts the job's hook, and writes the end of a pending run.
  private mutating func carryOut(
    _ sequel: Sequel, of report: borrowing RunEnd, _ index: JobIndex, into effects: inout Effects
  ) {
    let pending = tracked.isEmpty ? nil : tracked.removeValue(forKey: report.run)
    switch sequel {
    case .retry(let delay):
      retry(report, index, after: delay, pending, into: &effects)
      runHook(.retry, index, report, into: &effects)
    case .restart(let pending): restart(pending, index, into: &effects)
    case .death(let pending): die(pending, index, into: &effects)
    case .end:
      if let pending {
        effects.tellEnd(of: pending, report.outcome)
        if isWritten(pending, index) { write(.pendingRunEnded(report.run), into: &effects) }
      }
      guard jobs[index].options.contains(.hooks) else { return }
      let hook: Hooks = report.outcome.failure != nil ? .failure : .success
      guard hook == .failure || report.outcome.status.isGood else { return }
      if hook == .success { Pings.add(report.run, index, of: self, into: &effects) }
      runHook(hook, index, report, into: &effects)
    }
  }

  /// True if the store has a row for the pending run.
  private func isWritten(_ pending: PendingRun, _ index: JobIndex) -> Bool {
    isStored(index) && (pending.kind != .fire || jobs[index].policy.value.restart == true)
  }

  /// Ends a run whose job was removed.
  private mutating func concludeRemoved(
    _ report: borrowing RunEnd, into effects: inout Effects
  ) {
    if let pending = tracked.removeValue(forKey: report.run) {
      effects.tellEnd(of: pending, report.outcome)
      if report.key != .none { write(.pendingRunEnded(report.run), into: &effects) }
    }
    guard var job = removedJobs[report.job] else { return }
    job.running -= 1
    removedJobs[report.job] = job.running > 0 ? job : nil
    publishEnd(report, of: job, into: &effects)
  }

  func publishEnd(
    _ report: borrowing RunEnd, of job: RemovedJob, into effects: inout Effects
  ) {
    effects.publishEnd(
      of: report, script: job.script, job: job.name, .end, isStopping: isDraining,
      isAboutHostHandler: job.isHostHandler, to: interest)
  }

  /// Arms the next fire of a fixed delay, unless another run has begun or a fire is already armed.
  private mutating func armAfterRun(_ index: JobIndex, endedAt: Int64, into effects: inout Effects)
  {
    guard case .delay(let delay) = jobs[index].schedule, jobs[index].running == 0,
      jobs[index].state == .active, jobs[index].timer == .none, !isDraining,
      !isPaused(jobs[index].script)
    else { return }
    let (due, overflow) = endedAt.addingReportingOverflow(delay)
    arm(index, due: overflow ? nil : due, into: &effects)
  }
}
