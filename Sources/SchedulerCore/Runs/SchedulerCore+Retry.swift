import MoonwheelModel
import Triggers

/// The option `retry`: another attempt after a failed one.
extension SchedulerCore {
  /// Tries a failed run again after a delay in nanoseconds. `tracked` is its entry in ``SchedulerCore/tracked``.
  mutating func retry(
    _ report: borrowing RunEnd, _ index: JobIndex, after delay: Int64, _ tracked: PendingRun?,
    into effects: inout Effects
  ) {
    var pending = PendingRun(
      run: report.run, job: jobs[index].key, kind: .retry, attempt: report.attempt + 1,
      scheduledAt: report.scheduledAt, dueAt: clock.wall.advanced(by: delay), isRelative: true,
      payload: tracked?.payload ?? report.dispatch.event, hold: tracked?.hold ?? .none)
    pending.awaitedBy = tracked?.awaitedBy ?? 0
    (pending.by, pending.of) = (tracked?.by, tracked?.of)
    if isStored(index) {
      ensureRow(index, into: &effects)
      write(.pendingRun(pending), into: &effects)
    }
    publish(
      .runRetrying, index, run: report.run, scheduledAt: pending.dueAt,
      reason: "attempt \(pending.attempt) in \(DurationText.format(delay))",
      failure: report.outcome.failure, depth: report.depth, into: &effects)
    activate(pending, of: jobs[index].script, named: jobs[index].name, into: &effects)
  }

  /// The delay before the next attempt, in nanoseconds, if the job's policy or the run asks for one.
  func retryDelay(_ report: borrowing RunEnd, _ index: JobIndex) -> Int64? {
    guard report.outcome.mayBeRetried, jobs[index].state != .cancelled else { return nil }
    let details = report.details?.content
    guard details?.refusesRetry != true else { return nil }
    let policy = jobs[index].policy.value.retry
    if let policy, report.attempt > policy.max { return nil }
    if let delay = details?.retryAfter { return delay }
    return policy?.delay(
      after: report.attempt, ofRun: report.number, of: jobs[index].name)
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
