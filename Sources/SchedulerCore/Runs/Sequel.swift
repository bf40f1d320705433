import MoonwheelModel
import Triggers

/// What follows the end of a run.
enum Sequel {
  /// Another attempt, after a delay in nanoseconds.
  case retry(after: Int64)
  /// It was cut off by no fault of its own, and starts again.
  case restart(PendingRun)
  /// It was cut off too often in a row to start again.
  case death(PendingRun)
  /// There is no further attempt.
  case end

  /// True if there is nothing else to do. A death has a decision, which reports the loss.
  var isEnd: Bool { if case .end = self { true } else { false } }

  /// False if the run will be tried again.
  var isFinal: Bool {
    switch self {
    case .retry, .restart: false
    case .death, .end: true
    }
  }
}

extension Run.Outcome {
  /// True for the outcome of a run that did not succeed, if nobody has asked for that. ``SchedulerCore/decide`` reports a
  /// misfire. `isStopping` says that the host interrupted the run in order to stop.
  func isLoss(isStopping: Bool) -> Bool {
    switch self {
    case .failed, .timedOut, .dropped, .evicted, .abandoned: true
    case .cancelled: isStopping
    case .succeeded, .cancelledJob, .declined, .misfired: false
    }
  }
}

extension Decision.Kind {
  /// The status in `run.given_up`.
  var lossStatus: String { event == .runMissed ? "missed" : rawValue }

  /// True if such a fire is always a loss. A missed one may have a later run that stands for it.
  var isLoss: Bool {
    switch self {
    case .misfired, .denied, .dead: true
    case .skipped, .missed, .coalesced, .dropped: false
    }
  }
}

extension Effects {
  /// Adds the events about the end of a run, as far as somebody wants them.
  mutating func publishEnd(
    of report: borrowing RunEnd, script: ScriptID, job: String, _ sequel: Sequel, isStopping: Bool,
    isAboutHostHandler: Bool, to interest: HostEvent.Interest
  ) {
    let outcome = report.outcome
    let isLoss = outcome.isLoss(isStopping: isStopping) && sequel.isEnd
    guard interest.contains(outcome.event) || isLoss && interest.contains(.runGivenUp) else {
      return
    }
    var event = HostEvent(
      kind: outcome.event, script: script, job: job, run: report.run,
      scheduledAt: report.scheduledAt, count: 1, reason: nil, failure: outcome.failure,
      attempt: outcome.failure.map { _ in .init(report.attempt, isFinal: sequel.isFinal) },
      isAboutHostHandler: isAboutHostHandler, depth: report.depth)
    if interest.contains(event.kind) { events.append(event) }
    guard isLoss, interest.contains(.runGivenUp) else { return }
    event.kind = .runGivenUp
    event.status = outcome.status.rawValue
    events.append(event)
  }
}

extension RunRecord {
  /// The record of a run that a crash cut off.
  func abandoned(at now: Timestamp) -> RunRecord {
    var run = self
    run.status = .abandoned
    run.endedAt = max(now, startedAt)
    run.failure = RunFailure(message: "the host ended while it ran")
    return run
  }
}

extension RunFailure {
  /// The argument of `on_failure` and `on_retry`.
  func value(_ status: String) -> Value {
    var fields: [Value: Value] = ["message": .string(message), "status": .string(status)]
    if !data.isNil { fields["data"] = data }
    if !traceback.isEmpty { fields["traceback"] = .string(traceback) }
    return .table(fields)
  }
}
