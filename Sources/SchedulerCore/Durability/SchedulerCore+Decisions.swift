import MoonwheelModel
import TimerWheel
import Triggers

/// Decisions: the store gets a reason for every fire that did not become a run.
///
/// When there are too many (see `SchedulerCore+History.swift`), a decision increases the count of the newest one of its
/// kind.
extension SchedulerCore {
  /// The job's extras. Creates them if it has none.
  mutating func makeExtras(of index: JobIndex) -> JobExtras {
    if let extras = jobs[index].extras { return extras }
    let extras = JobExtras()
    jobs[index].extras = extras
    return extras
  }

  /// Records and publishes why fires, from an instant through another, did not become runs of their own. `isLoss` says that
  /// no run stands for them, and that nobody has asked for that; some kinds always are a loss.
  mutating func decide(
    _ kind: Decision.Kind, _ index: JobIndex, at from: Timestamp, through: Timestamp? = nil,
    count: Int64 = 1, reason: String, run: Run.ID? = nil, attempt: Int32? = nil,
    isLoss: Bool = false, into effects: inout Effects
  ) {
    let attempt = attempt.map { HostEvent.Attempt($0, isFinal: true) }
    publish(
      kind.event, index, run: kind.isAboutRun ? run : nil, scheduledAt: from, count: count,
      reason: reason, attempt: attempt, into: &effects)
    if isLoss || kind.isLoss {
      publish(
        .runGivenUp, index, run: kind.isAboutRun ? run : nil, scheduledAt: from, count: count,
        reason: reason, attempt: attempt, status: kind.lossStatus, into: &effects)
    }
    if kind == .missed || kind == .misfired {
      runMissedHook(index, from: from, count: count, reason: reason, into: &effects)
    }
    guard isStored(index) else { return }
    let through = through ?? from
    let extras = makeExtras(of: index)
    let newest = extras.decisions.lastIndex { $0.decision.kind == kind }
    // A decision that only increases a count uses the budget, too.
    let mayAdd = useRecordBudget(of: index)
    if let newest, extras.isRepeated(newest, reason, run) || !mayAdd {
      extras.decisions[newest].grow(through: through, by: count)
      markSummaryDirty(of: index)
      return
    }
    if let newest { effects.write(extras.decisions.remove(at: newest)) }
    let decision = Decision(
      id: store.newDecision(), job: jobs[index].key, kind: kind, from: from, through: through,
      count: count, decidedAt: clock.wall, reason: reason, run: run)
    extras.decisions.append(GrowingDecision(decision: decision))
    ensureRow(index, into: &effects)
    write(.decision(decision), into: &effects)
  }
}

extension Effects {
  /// Writes the count of a decision, if it has grown.
  fileprivate mutating func write(_ growing: GrowingDecision) {
    guard growing.hasGrown else { return }
    let decision = growing.decision
    writes.append(
      StoreWrite(
        .decisionGrew(decision.id, through: decision.through, count: decision.count)))
  }
}

extension JobExtras {
  /// Writes the counts of decisions that have grown.
  func flushDecisions(into effects: inout Effects) {
    for decision in decisions.indices {
      effects.write(decisions[decision])
      decisions[decision].hasGrown = false
    }
  }

  /// True if the decision at the index is the newest of all kinds and has this reason and run.
  fileprivate func isRepeated(_ index: Int, _ reason: String, _ run: Run.ID?) -> Bool {
    index == decisions.count - 1 && decisions[index].decision.reason == reason
      && decisions[index].decision.run == run
  }
}

extension GrowingDecision {
  fileprivate mutating func grow(through: Timestamp, by count: Int64) {
    decision.through = max(decision.through, through)
    decision.count += count
    hasGrown = true
  }
}

extension Decision.Kind {
  /// The kind of event that reports the decision.
  var event: HostEvent.Kind {
    switch self {
    case .skipped, .dropped, .denied: .runSkipped
    case .missed, .misfired, .coalesced: .runMissed
    case .dead: .runAbandoned
    }
  }

  /// True if the event is about the run of the decision.
  fileprivate var isAboutRun: Bool { self == .dead }
}

extension Run.Outcome {
  /// The outcome in the words of the history.
  public var status: RunStatus {
    switch self {
    case .succeeded, .cancelledJob: .succeeded
    case .failed: .failed
    case .timedOut: .timedOut
    case .cancelled: .cancelled
    case .dropped: .dropped
    case .evicted: .evicted
    case .abandoned: .abandoned
    case .declined, .misfired: .cancelled
    }
  }
}
