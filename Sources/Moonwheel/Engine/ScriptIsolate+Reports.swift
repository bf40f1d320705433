import LuaRuntime
import MoonwheelModel
import SchedulerCore
import Triggers
import WorkerPool

/// What the core is told of a run that has ended.
extension ScriptIsolate {
  /// `state` is what `run.state` has become.
  func report(_ run: ActiveRun, _ outcome: Run.Outcome, state: Value? = nil) {
    if let failure = outcome.failure {
      if let hook = run.hook {
        engine.log.hookFailure(failure, hook, of: run, in: self)
      } else {
        engine.log.failure(failure, outcome.event, of: run, in: self)
      }
    }
    guard var origin = run.origin else { return }
    noteIdle(run)
    if outcome.allowsSuccessor, state == nil { origin.hasSuccessor = takeSuccessor(of: run.lease, origin) }
    let report = RunReport(
      origin, outcome: outcome, startedAt: run.startedAt,
      endedAt: engine.clock.elapsed, processorTime: run.workerTime, depth: run.depth,
      details: details(of: run, outcome, state: state))
    privateRun?.isOver = true
    add(report)
  }

  /// Takes the next event of a series, if there is one.
  func takeSuccessor(of lease: (any EventLease)?, _ origin: Dispatch) -> Bool {
    guard let lease, let next = lease.next() else { return false }
    successors.append(Dispatch(next, following: origin, in: lease))
    return true
  }

  func add(_ report: RunReport) {
    engine.onReport?(report)
    lastReports.append(report)
    // The run is not over before its state is safe, which takes time: it may be due again soon.
    let isAwaited = report.details?.content.state != nil
    reportsDueAt = min(reportsDueAt, report.endedAt &+ (isAwaited ? 0 : Self.longestUntold))
    if lastReports.count == Self.mostReportsAtOnce { closeReports() }
  }

  /// How long the core may be left without the end of a run, in nanoseconds: until the next fire, where that comes sooner.
  private static let longestUntold: Int64 = 10_000_000

  func add(_ silent: SilentEnds) {
    guard !silent.endTimes.isEmpty else { return }
    if let onReport = engine.onReport { for report in silent.reports { onReport(report) } }
    closeReports()
    reports.append(.silent(silent))
    reportsDueAt = min(reportsDueAt, silent.began &+ Self.longestUntold)
  }

  /// After so many the core looks whether something is due.
  private static let mostReportsAtOnce = 128

  private func closeReports() {
    guard !lastReports.isEmpty else { return }
    reports.append(.each(lastReports))
    lastReports = []
  }

  /// Tells the core what has ended in this turn.
  func postReports() {
    closeReports()
    guard !reports.isEmpty else { return }
    let reason = engine.inbox.post(reports: reports, by: reportsDueAt)
    if let reason, pendingWake == nil || pendingWake == .spin { pendingWake = reason }
    reportsDueAt = .max
    reports.removeAll(keepingCapacity: reports.capacity <= 4_096)
  }

  /// Nil for a run that ended well, logged nothing, left its state as it was and is not kept by itself: so that a fire
  /// stays cheap.
  private func details(of run: ActiveRun, _ outcome: Run.Outcome, state: Value?) -> RunReportExtras? {
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
    case .asked(let delay): details.retryAfter = delay
    case .refused: details.refusesRetry = true
    case nil: break
    }
    return details
  }

  /// Ends a run with an error that its callback raised.
  func fail(_ run: ActiveRun, _ failure: RunFailure) {
    var run = run
    let retry = registry[run.handle]?.policy.value.retry
    if failure.data["retry"] == .bool(false) {
      run.makeExtras().retry = .refused
    } else if run.hook == nil, let pattern = retry?.unless {
      match(failure, pattern, run)
      return
    }
    report(run, .failed(failure))
  }

  /// Looks for the pattern in the message, in the isolate and for a moment at most, since a pattern can take as long as it
  /// likes.
  private func match(_ failure: RunFailure, _ pattern: String, _ run: ActiveRun) {
    var run = run
    guard let isolate, let matcher = matcher(in: isolate) else {
      report(run, .failed(failure))
      return
    }
    let turn = engine.meter.begin(call: Self.matchTime, in: isolate)
    var outcome = isolate.run(matcher, [.string(failure.message), .string(pattern)])
    while case .preempted(let coroutine, _) = outcome, !isolate.wasInterrupted(coroutine) {
      outcome = isolate.continue(coroutine)
    }
    engine.meter.end(turn, of: &run, in: isolate)
    switch outcome {
    case .finished(.bool(true)): run.makeExtras().retry = .refused
    case .parked(let coroutine), .preempted(let coroutine, _):
      beginningPark = nil
      isolate.drop(coroutine)
    case .finished, .cancelled, .declined, .failed, .refused, .interrupted, .evicted: break
    }
    report(run, .failed(failure))
    if case .evicted = outcome { recover(from: run) }
  }

  private static let matchTime: Int64 = 100_000_000

  private func matcher(in isolate: Isolate) -> CallbackID? {
    if let matcher { return matcher }
    let text = "local message, pattern = ... return string.find(message, pattern) ~= nil"
    do throws(IsolateError) {
      matcher = try isolate.compile(Array(text.utf8), name: "retry.unless")
    } catch {
      engine.log.logger.warning("\(name): retry.unless is not looked for: \(error)")
    }
    return matcher
  }
}

extension Run.Outcome {
  /// Whether the next event of a series may begin before the core knows.
  fileprivate var allowsSuccessor: Bool {
    switch self {
    case .succeeded, .failed, .declined: true
    case .timedOut, .cancelled, .cancelledJob, .dropped, .evicted, .abandoned, .misfired: false
    }
  }
}
