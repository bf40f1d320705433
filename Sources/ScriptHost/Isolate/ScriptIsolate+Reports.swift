import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Triggers
import WorkerPool

/// Reports of ended runs: how they are made, collected and posted to the core.
extension ScriptIsolate {
  /// `state` is `run.state` as the run left it.
  func report(_ run: ActiveRun, _ outcome: Run.Outcome, state: Value? = nil) {
    if let failure = outcome.failure {
      if let hook = run.hook {
        log(failure, hook, of: run)
      } else {
        log(failure, outcome.event, of: run)
      }
    }
    guard var origin = run.origin else { return }
    clearBusy(run)
    if outcome.allowsSuccessor, state == nil {
      origin.hasSuccessor = takeSuccessor(of: run.lease, origin)
    }
    let report = RunReport(
      origin, outcome: outcome, startedAt: run.startedAt,
      endedAt: environment.clock.elapsed, processorTime: run.workerTime, depth: run.depth,
      details: details(of: run, outcome, state: state))
    privateRun?.isOver = true
    add(report)
  }

  /// Takes the next event of the lease as a successor to start. False if there is none.
  func takeSuccessor(of lease: (any EventLease)?, _ origin: Dispatch) -> Bool {
    guard let lease, let next = lease.next() else { return false }
    successors.append(Dispatch(next, following: origin, in: lease))
    return true
  }

  func add(_ report: RunReport) {
    environment.onReport?(report)
    lastReports.append(report)
    // The core stores the new state before the job can run again, which takes time.
    let isAwaited = report.details?.content.state != nil
    reportsDueAt = min(reportsDueAt, report.endedAt &+ (isAwaited ? 0 : Self.reportDelayLimit))
    if lastReports.count == Self.reportBatchLimit { closeReports() }
  }

  /// How long the end of a run may stay unknown to the core if no fire comes before, in nanoseconds.
  private static let reportDelayLimit: Int64 = 10_000_000

  func add(_ silent: SilentEnds) {
    guard !silent.endTimes.isEmpty else { return }
    if let onReport = environment.onReport { for report in silent.reports { onReport(report) } }
    closeReports()
    reports.append(.silent(silent))
    reportsDueAt = min(reportsDueAt, silent.began &+ Self.reportDelayLimit)
  }

  /// Reports in one group: between groups the core checks for due fires.
  private static let reportBatchLimit = 128

  private func closeReports() {
    guard !lastReports.isEmpty else { return }
    reports.append(.each(lastReports))
    lastReports = []
  }

  /// Hands the reports of this turn to the core.
  func postReports() {
    closeReports()
    guard !reports.isEmpty else { return }
    let reason = environment.inbox.post(reports: reports, by: reportsDueAt)
    if let reason, pendingWake == nil || pendingWake == .spin { pendingWake = reason }
    reportsDueAt = .max
    reports.removeAll(keepingCapacity: reports.capacity <= 4_096)
  }

  /// Nil in the common case: the run succeeded, logged nothing, did not change its state and is not recorded.
  private func details(of run: ActiveRun, _ outcome: Run.Outcome, state: Value?) -> RunReportExtras?
  {
    let extras = run.extras
    let newState = state == extras?.state ? nil : state
    let isSilent =
      outcome.failure == nil && newState == nil && extras?.log.isEmpty != false
      && run.origin?.isRecorded != true
    guard !isSilent else { return nil }
    var details = RunReportExtras(
      log: extras?.log.lines ?? [], omittedLines: extras?.log.omitted ?? 0, state: newState,
      peakMemory: Int64(run.peakMemory))
    guard case .failed = outcome else { return details }
    switch extras?.retry {
    case .requested(let delay): details.retryAfter = delay
    case .refused: details.refusesRetry = true
    case nil: break
    }
    return details
  }
}

extension Run.Outcome {
  /// Whether the next event of a lease may begin before the core knows this outcome.
  fileprivate var allowsSuccessor: Bool {
    switch self {
    case .succeeded, .failed, .declined: true
    case .timedOut, .cancelled, .cancelledJob, .dropped, .evicted, .abandoned, .misfired: false
    }
  }
}
