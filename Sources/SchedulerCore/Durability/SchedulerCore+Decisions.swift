import MoonwheelModel
import TimerWheel
import Triggers

/// The store gets a reason for every fire that did not become a run, and a record or a share in a sum for every run.
///
/// Two leaky buckets bound the number of records: one a second for each job with a burst of 60, and 50 a second for all
/// jobs together with a burst of 2,000. Beyond that, successful runs go into a sum, and a decision increases the count
/// of the newest one of its kind. Every failure has its own record. The core writes sums every 10 seconds, or up to
/// every minute if more than 300 jobs have one, so that it writes about 30 sums a second.
extension SchedulerCore {
  private static let jobBurst: UInt32 = 60
  private static let recordInterval: Int64 = 20_000_000
  private static let burst: Int64 = 2_000 * recordInterval
  /// The time between two writes of sums, in nanoseconds: a share for each job that has a sum, the minimum and the
  /// maximum.
  private static let summaryShare: Int64 = 1_000_000_000 / 30
  private static let summaryInterval: Int64 = 10_000_000_000
  private static let longestSummaryInterval: Int64 = 60_000_000_000
  /// The most time that one row of the store sums up, in nanoseconds.
  private static let summaryLength: Int64 = 600_000_000_000

  /// The job's extras. Creates them if it has none.
  mutating func makeExtras(of index: Int) -> JobExtras {
    if let extras = jobs[index].extras { return extras }
    let extras = JobExtras()
    jobs[index].extras = extras
    return extras
  }

  /// Takes one record from the budgets of the job and of all jobs. Returns false if one of them is used up.
  mutating func useRecordBudget(of index: Int) -> Bool {
    guard isStored(index), store.recordBudgetUsedUntil &- clock.elapsed < Self.burst else {
      return false
    }
    let second = UInt32(truncatingIfNeeded: clock.elapsed / 1_000_000_000)
    let full = max(jobs[index].recordBudgetUsedUntil, second)
    guard full - second < Self.jobBurst else { return false }
    jobs[index].recordBudgetUsedUntil = full + 1
    store.recordBudgetUsedUntil =
      max(store.recordBudgetUsedUntil, clock.elapsed) + Self.recordInterval
    return true
  }

  // MARK: Decisions

  /// Records and publishes why fires, from an instant through another, did not become runs of their own.
  mutating func decide(
    _ kind: Decision.Kind, _ index: Int, at from: Timestamp, through: Timestamp? = nil,
    count: Int64 = 1, reason: String, run: Run.ID? = nil, into effects: inout Effects
  ) {
    publish(
      kind.event, index, run: kind.isAboutRun ? run : nil, scheduledAt: from, count: count,
      reason: reason, into: &effects)
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
    if let newest { flush(extras.decisions.remove(at: newest), into: &effects) }
    let decision = Decision(
      id: store.newDecision(), job: jobs[index].key, kind: kind, from: from, through: through,
      count: count, decidedAt: clock.wall, reason: reason, run: run)
    extras.decisions.append(GrowingDecision(decision: decision))
    ensureRow(index, into: &effects)
    write(.decision(decision), into: &effects)
  }

  private func flush(_ growing: GrowingDecision, into effects: inout Effects) {
    guard growing.hasGrown else { return }
    let decision = growing.decision
    write(
      .decisionGrew(decision.id, through: decision.through, count: decision.count), into: &effects)
  }

  private func flushDecisions(of extras: JobExtras, into effects: inout Effects) {
    for decision in extras.decisions.indices {
      flush(extras.decisions[decision], into: &effects)
      extras.decisions[decision].hasGrown = false
    }
  }

  // MARK: Runs

  /// Records the start of a run, if the run gets a record of its own. Returns whether it does.
  mutating func recordStart(
    _ run: Run.ID, _ index: Int, attempt: Int32, number: Int64, scheduledAt: Timestamp,
    isPending: Bool, into effects: inout Effects
  ) -> Bool {
    guard isStored(index), useRecordBudget(of: index) || isPending else { return false }
    ensureRow(index, into: &effects)
    write(
      .began(
        RunRecord(
          run: run, attempt: attempt, job: jobs[index].key, number: number, status: .running,
          scheduledAt: scheduledAt, startedAt: clock.wall)), into: &effects)
    return true
  }

  /// Records the end of a run, in a record of its own or in the job's sum.
  mutating func recordEnd(
    _ report: borrowing RunReport, _ index: Int?, into effects: inout Effects
  ) {
    guard report.key != .none else { return }
    if !report.isRecorded, report.outcome.status.isGood, let index {
      sumUp(
        index, at: report.scheduledAt, from: report.startedAt, until: report.endedAt,
        processorTime: report.processorTime, into: &effects)
      return
    }
    if let index { ensureRow(index, into: &effects) }
    let details = report.details?.content
    var result: Value = .nil
    if case .succeeded(let value) = report.outcome { result = value }
    write(
      .ended(
        RunRecord(
          run: report.run, attempt: report.attempt, job: report.key, number: report.number,
          status: report.outcome.status, scheduledAt: report.scheduledAt,
          startedAt: clock.wall(at: report.startedAt), endedAt: clock.wall(at: report.endedAt),
          processorTime: report.processorTime, peakMemory: details?.peakMemory ?? 0,
          result: result, failure: report.outcome.failure, log: details?.log ?? [],
          omittedLines: details?.omittedLines ?? 0)), into: &effects)
    guard let index, !countsAreWrittenWithSum(index) else { return }
    write(countsChange(index), into: &effects)
  }

  /// True if the job's counts will be written with its sum, which has grown. The counts of a job with a window are
  /// written at once, since `times` depends on them.
  private func countsAreWrittenWithSum(_ index: Int) -> Bool {
    guard !jobs[index].hasWindow, jobs[index].hasDirtySummary else { return false }
    let sum = sums.sum(at: index)
    return sum.count > sum.storedCount
  }

  /// Adds a run to its job's sum; `start` and `end` are elapsed times.
  mutating func sumUp(
    _ index: Int, at instant: Timestamp, from start: Int64, until end: Int64, processorTime: Int64,
    into effects: inout Effects
  ) {
    sums.makeRoom(for: index, of: jobs.count)
    if sums[index].count > 0,
      sums[index].from.distance(to: instant) >= Self.summaryLength
        || sums[index].count == .max
    {
      flushSum(index, into: &effects)
      sums.clear(index)
    }
    sums[index].add(
      at: instant, duration: max(0, end - start),
      lateness: max(0, instant.distance(to: clock.wall(at: start))), processorTime: processorTime)
    markSummaryDirty(of: index)
  }

  private mutating func flushSum(_ index: Int, into effects: inout Effects) {
    let sum = sums.sum(at: index)
    guard sum.count > sum.storedCount else { return }
    sums[index].storedCount = sum.count
    ensureRow(index, into: &effects)
    write(.summary(sum.summary(of: jobs[index].key)), into: &effects)
    write(countsChange(index), into: &effects)
  }

  // MARK: Sums that grow

  /// Adds a job to those whose sums and decisions are written later.
  private mutating func markSummaryDirty(of index: Int) {
    guard !jobs[index].hasDirtySummary else { return }
    jobs[index].hasDirtySummary = true
    dirtySummaries.append(id(of: index))
    guard summaryTimer == .none else { return }
    summaryTimer = wheel.insert(
      deadline: Tick(notBefore: clock.elapsed &+ summaryDelay), payload: Self.summaryMark)
  }

  /// The time until the next write of sums, in nanoseconds. It is long for a store that ends with the process, since
  /// each query writes the sums first.
  private var summaryDelay: Int64 {
    store.isDurable ? Self.summaryDelay(forSums: previousSummaryCount) : Self.summaryLength
  }

  /// The time between two writes of `count` sums to a durable store, in nanoseconds.
  static func summaryDelay(forSums count: Int) -> Int64 {
    min(max(Int64(count) * summaryShare, summaryInterval), longestSummaryInterval)
  }

  static let summaryMark: UInt64 = 1 << 61

  /// Writes all sums that have grown to the store.
  mutating func flushSummaries(into effects: inout Effects) {
    if summaryTimer != .none {
      _ = wheel.cancel(summaryTimer)
      summaryTimer = .none
    }
    for id in dirtySummaries {
      guard let index = index(of: id) else { continue }
      flushSummary(index, into: &effects)
    }
    previousSummaryCount = dirtySummaries.count
    dirtySummaries.removeAll(keepingCapacity: dirtySummaries.count <= 4_096)
  }

  mutating func flushSummary(_ index: Int, into effects: inout Effects) {
    guard jobs[index].hasDirtySummary else { return }
    jobs[index].hasDirtySummary = false
    flushSum(index, into: &effects)
    if let extras = jobs[index].extras { flushDecisions(of: extras, into: &effects) }
  }
}

extension JobExtras {
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
    case .skipped, .dropped: .runSkipped
    case .missed, .misfired, .coalesced: .runMissed
    case .denied: .runDenied
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
