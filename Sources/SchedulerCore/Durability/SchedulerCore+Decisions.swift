import MoonwheelModel
import TimerWheel
import Triggers

/// For every fire that did not become a run there is a recorded reason; for every run, a record or a place in a sum.
///
/// The cost is bounded: a job may have a record a second, 60 in advance, and all jobs together 50 a second, 2,000 in
/// advance. Beyond that, runs that succeed are summed up, and decisions are added to the newest of their kind. Failures
/// are always whole. Sums are told to the store every 10 seconds, and up to every minute where more than 300 jobs have some,
/// so that they come to about 30 a second.
extension SchedulerCore {
  private static let jobBurst: UInt32 = 60
  private static let recordInterval: Int64 = 20_000_000
  private static let burst: Int64 = 2_000 * recordInterval
  /// How long sums grow before the store is told, for each job that has some, at least and at most.
  private static let summaryShare: Int64 = 1_000_000_000 / 30
  private static let summaryInterval: Int64 = 10_000_000_000
  private static let longestSummaryInterval: Int64 = 60_000_000_000
  /// How long one row of sums grows.
  private static let summaryLength: Int64 = 600_000_000_000

  /// The job's ledger, made where it has none.
  mutating func makeExtras(of index: Int) -> JobExtras {
    if let extras = jobs[index].extras { return extras }
    let extras = JobExtras()
    jobs[index].extras = extras
    return extras
  }

  /// Whether there may be one more record of a job: a leaky bucket for it and one for all.
  mutating func takesRecord(_ index: Int) -> Bool {
    guard isStored(index), store.spent &- clock.elapsed < Self.burst else { return false }
    let second = UInt32(truncatingIfNeeded: clock.elapsed / 1_000_000_000)
    let full = max(jobs[index].recordsUntil, second)
    guard full - second < Self.jobBurst else { return false }
    jobs[index].recordsUntil = full + 1
    store.spent = max(store.spent, clock.elapsed) + Self.recordInterval
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
    let place = extras.decisions.lastIndex { $0.decision.kind == kind }
    // Asked in any case, so that what is added to another counts too.
    let mayAdd = takesRecord(index)
    if let place, extras.isSame(place, reason, run) || !mayAdd {
      extras.decisions[place].grow(through: through, by: count)
      open(index)
      return
    }
    if let place { close(extras.decisions.remove(at: place), into: &effects) }
    let decision = Decision(
      id: store.newDecision(), job: jobs[index].key, kind: kind, from: from, through: through,
      count: count, decidedAt: clock.wall, reason: reason, run: run)
    extras.decisions.append(GrowingDecision(decision: decision))
    ensureRow(index, into: &effects)
    write(.decision(decision), into: &effects)
  }

  private func close(_ growing: GrowingDecision, into effects: inout Effects) {
    guard growing.hasGrown else { return }
    let decision = growing.decision
    write(
      .decisionGrew(decision.id, through: decision.through, count: decision.count), into: &effects)
  }

  private func closeDecisions(of extras: JobExtras, into effects: inout Effects) {
    for place in extras.decisions.indices {
      close(extras.decisions[place], into: &effects)
      extras.decisions[place].hasGrown = false
    }
  }

  // MARK: Runs

  /// Records that a run starts, if it is to be kept by itself; whether it is.
  mutating func recordStart(
    _ run: Run.ID, _ index: Int, attempt: Int32, number: Int64, scheduledAt: Timestamp,
    isPending: Bool, into effects: inout Effects
  ) -> Bool {
    guard isStored(index), takesRecord(index) || isPending else { return false }
    ensureRow(index, into: &effects)
    write(
      .began(
        RunRecord(
          run: run, attempt: attempt, job: jobs[index].key, number: number, status: .running,
          scheduledAt: scheduledAt, startedAt: clock.wall)), into: &effects)
    return true
  }

  /// Keeps a run that has ended, by itself or in the job's sum.
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
    guard let index, !countsComeLater(index) else { return }
    write(countsChange(index), into: &effects)
  }

  /// Whether the job's counts are stored with its sum, which has grown. `times` does not wait for that.
  private func countsComeLater(_ index: Int) -> Bool {
    guard !jobs[index].hasWindow, jobs[index].isOpen else { return false }
    let sum = sums.sum(at: index)
    return sum.count > sum.storedCount
  }

  /// Adds a run to its job's sum; it began and ended at elapsed times.
  mutating func sumUp(
    _ index: Int, at instant: Timestamp, from start: Int64, until end: Int64, processorTime: Int64,
    into effects: inout Effects
  ) {
    sums.makeRoom(for: index, of: jobs.count)
    if sums[index].count > 0,
      sums[index].from.distance(to: instant) >= Self.summaryLength
        || sums[index].count == .max
    {
      closeSum(index, into: &effects)
      sums.clear(index)
    }
    sums[index].add(
      at: instant, duration: max(0, end - start),
      lateness: max(0, instant.distance(to: clock.wall(at: start))), processorTime: processorTime)
    open(index)
  }

  private mutating func closeSum(_ index: Int, into effects: inout Effects) {
    let sum = sums.sum(at: index)
    guard sum.count > sum.storedCount else { return }
    sums[index].storedCount = sum.count
    ensureRow(index, into: &effects)
    write(.summary(sum.summary(of: jobs[index].key)), into: &effects)
    write(countsChange(index), into: &effects)
  }

  // MARK: Sums that grow

  /// Sees to it that the store is told of a job's sums, later.
  private mutating func open(_ index: Int) {
    guard !jobs[index].isOpen else { return }
    jobs[index].isOpen = true
    dirtySummaries.append(id(of: index))
    guard summaryTimer == .none else { return }
    summaryTimer = wheel.insert(
      deadline: Tick(notBefore: clock.elapsed &+ growth), payload: Self.summaryMark)
  }

  /// A store that ends with the process need not hear of sums soon: whoever asks has them told first.
  private var growth: Int64 {
    store.isDurable ? Self.growth(ofSums: summariesBefore) : Self.summaryLength
  }

  /// How long so many sums grow before a durable store is told, in nanoseconds.
  static func growth(ofSums count: Int) -> Int64 {
    min(max(Int64(count) * summaryShare, summaryInterval), longestSummaryInterval)
  }

  static let summaryMark: UInt64 = 1 << 61

  /// Tells the store of all sums that have grown.
  mutating func flushSummaries(into effects: inout Effects) {
    if summaryTimer != .none {
      _ = wheel.cancel(summaryTimer)
      summaryTimer = .none
    }
    for id in dirtySummaries {
      guard let index = index(of: id) else { continue }
      flushSummary(index, into: &effects)
    }
    summariesBefore = dirtySummaries.count
    dirtySummaries.removeAll(keepingCapacity: dirtySummaries.count <= 4_096)
  }

  mutating func flushSummary(_ index: Int, into effects: inout Effects) {
    guard jobs[index].isOpen else { return }
    jobs[index].isOpen = false
    closeSum(index, into: &effects)
    if let extras = jobs[index].extras { closeDecisions(of: extras, into: &effects) }
  }
}

extension JobExtras {
  /// Whether the decision at a place is the newest of all, and says the same.
  fileprivate func isSame(_ place: Int, _ reason: String, _ run: Run.ID?) -> Bool {
    place == decisions.count - 1 && decisions[place].decision.reason == reason
      && decisions[place].decision.run == run
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
  /// Which event tells of it.
  var event: HostEvent.Kind {
    switch self {
    case .skipped, .dropped: .runSkipped
    case .missed, .misfired, .coalesced: .runMissed
    case .denied: .runDenied
    case .dead: .runAbandoned
    }
  }

  /// The decision's run is the one that the event is about.
  fileprivate var isAboutRun: Bool { self == .dead }
}

extension Run.Outcome {
  /// In the words of the history.
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
