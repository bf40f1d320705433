import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Triggers
import WorkerPool

/// Reports of ended runs: how they are made, collected and posted to the core.
extension ScriptIsolate {
  /// `state` is `run.state` as the run left it.
  func report(_ run: LiveRun, _ outcome: Run.Outcome, state: Value? = nil) {
    let ending = run.releaseResources(in: environment)
    var outcome = environment.secrets.masked(outcome)
    var state = state == run.details?.state ? nil : state
    let hold = memory.hold(&outcome, &state, isolate)
    if let failure = outcome.failure {
      if let hook = run.hook {
        log(failure, hook, of: run)
      } else {
        log(failure, outcome.event, of: run)
      }
    }
    guard run.guest == nil else { return }
    clearBusy(run)
    var dispatch = run.dispatch
    if outcome.allowsSuccessor, state == nil, ending == nil {
      dispatch.hasSuccessor = takeSuccessor(of: dispatch)
    }
    privateRun?.isOver = true
    add(
      RunEnd(
        dispatch, outcome: outcome, startedAt: run.startedAt,
        endedAt: environment.clock.elapsed, processorTime: run.used, depth: run.depth,
        details: RunEndDetails(of: run, outcome, state: state, hold, ending)))
  }

  /// Takes the next event of the run's lease as a successor to start. False if there is none.
  func takeSuccessor(of run: Dispatch) -> Bool {
    guard let lease = run.extras?.content.lease,
      let next = mailbox.leases.next(of: run.handle, in: lease)
    else { return false }
    successors.append(Dispatch(next, following: run))
    return true
  }

  /// How long the end of a run may stay unknown to the core if no fire comes before, in nanoseconds.
  private static let reportDelayLimit: Int64 = 10_000_000
  /// Ends in one group that were added one by one: between groups the core checks for due fires.
  private static let reportBatchLimit = 128

  func add(_ end: RunEnd) {
    environment.onReport?(end)
    lastReports.append(end)
    // The core stores the new state before the job can run again, which takes time.
    let isAwaited = end.details?.content.state != nil
    reportsDueAt = min(reportsDueAt, end.endedAt &+ (isAwaited ? 0 : Self.reportDelayLimit))
    if lastReports.count == Self.reportBatchLimit { closeReports() }
  }

  func add(_ ends: RunEnds) {
    guard let first = ends.earliestEnd else { return }
    if let onReport = environment.onReport { for end in ends.each { onReport(end) } }
    closeReports()
    reports.append(ends)
    reportsDueAt = min(reportsDueAt, first &+ Self.reportDelayLimit)
  }

  private func closeReports() {
    guard lastReports.count > 0 else { return }
    reports.append(lastReports)
    lastReports = RunEnds()
  }

  /// Hands the reports of this turn to the core.
  func postReports() {
    closeReports()
    guard !reports.isEmpty else { return }
    if environment.inbox.post(reports: reports, by: reportsDueAt) { flushSoon(in: 0) }
    reportsDueAt = .max
    reports.removeAll(keepingCapacity: reports.capacity <= 4_096)
  }
}

extension RunEndDetails {
  /// Nil in the common case: the run succeeded, logged nothing, did not change its state and is not recorded.
  fileprivate init?(
    of run: LiveRun, _ outcome: Run.Outcome, state: Value?,
    _ hold: (outcome: MemoryHold, state: MemoryHold), _ ending: EndingResources?
  ) {
    let extras = run.details
    extras?.logDenials()
    let isSilent =
      outcome.failure == nil && state == nil && extras?.log.isEmpty != false
      && !run.dispatch.isRecorded && hold.outcome.isNone && ending == nil
    guard !isSilent else { return nil }
    self.init(
      log: extras?.log.lines ?? [], omittedLines: extras?.log.omitted ?? 0, state: state,
      peakMemory: Int64(run.peakMemory))
    self.hold = MemoryHold([hold.outcome, extras?.logHold ?? .none])
    stateHold = hold.state
    self.ending = ending
    guard case .failed = outcome else { return }
    switch extras?.retry {
    case .requested(let delay): retryAfter = delay
    case .refused: refusesRetry = true
    case nil: break
    }
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
