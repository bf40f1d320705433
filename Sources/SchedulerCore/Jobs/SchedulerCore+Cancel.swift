import MoonwheelModel

/// `cancel` of a handle and `return cancel`: the job ends, and stays ended over restarts until it is resumed or its
/// trigger changes. Its pending runs end with it.
extension SchedulerCore {
  mutating func cancel(_ index: JobIndex, reason: String, into effects: inout Effects) {
    guard jobs[index].state != .cancelled else { return }
    unsubscribe(index, into: &effects)
    jobs[index].state = .cancelled
    disarm(index)
    jobs[index].isHeld = false
    makeExtras(of: index).reason = reason
    markInstantsHandled(of: index)  // the row says since when it is cancelled
    writeStatus(index, into: &effects)
    dropWaiting(index, reason: "the job was cancelled", into: &effects)
    endPendingRuns(index, into: &effects)
    let isGiven = reason != JobHold.cancelledByCall && reason != JobHold.cancelledByRun
    publish(
      .jobFinished, index, reason: isGiven ? "cancelled: \(reason)" : "cancelled",
      into: &effects)
  }

  private mutating func endPendingRuns(_ index: JobIndex, into effects: inout Effects) {
    guard jobs[index].pendingCount > 0 || delays.count > 0 else { return }
    var runs = jobs[index].waiting?.removeAll(where: \.isPending).compactMap(\.pending?.content)
    if jobs[index].waiting?.isEmpty == true { forgetWaiting(index) }
    runs = (runs ?? []) + delays.removeAll(of: jobs[index].script, jobs[index].name, in: &wheel)
    jobs[index].pendingCount = 0
    end(runs ?? [], of: index, into: &effects)
  }

  /// Ends pending runs of a cancelled job, and records it: up to 20 one by one, and the others together. Those that were
  /// due later count as of now, since nothing more is to come.
  mutating func end(
    _ runs: [PendingRun], of index: JobIndex,
    reason: String = "it was promised, and the job was cancelled", into effects: inout Effects
  ) {
    for run in runs {
      if isStored(index) { write(.pendingRunEnded(run.run), into: &effects) }
      effects.tellEnd(of: run, .cancelled(RunFailure(message: reason)))
    }
    for run in runs.prefix(20) {
      decide(
        .dropped, index, at: min(run.scheduledAt, clock.wall), reason: reason, run: run.run,
        into: &effects)
    }
    let instants = runs.dropFirst(20).map { min($0.scheduledAt, clock.wall) }
    guard let first = instants.min(), let last = instants.max() else { return }
    decide(
      .dropped, index, at: first, through: last, count: Int64(instants.count), reason: reason,
      into: &effects)
  }
}
