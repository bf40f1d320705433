import MoonwheelModel
import TimerWheel
import Triggers

/// What the store keeps of each run: a record, or a share in the sum of a job that runs too often for records.
///
/// Two leaky buckets bound the number of records: one a second for each job with a burst of 60, and 50 a second for all
/// jobs together with a burst of 2,000. Beyond that, successful runs go into a sum. Every failure has its own record. The
/// core writes sums every 10 seconds, or up to every minute if more than 300 jobs have one, so that it writes about 30
/// sums a second.
extension SchedulerCore {
  /// Records the start of a run, if the run gets a record of its own. Returns whether it does.
  mutating func recordStart(
    _ run: Run.ID, _ index: JobIndex, of item: WaitingRuns.Item, _ payload: PendingRun.Payload?,
    attempt: Int32, number: Int64, into effects: inout Effects
  ) -> Bool {
    guard isStored(index), useRecordBudget(of: index) || item.isPending else { return false }
    ensureRow(index, into: &effects)
    let cause = RunCause(item, payload)
    store.keep(cause, of: run)
    let record = RunRecord(
      run: run, attempt: attempt, job: jobs[index].key, number: number, status: .running,
      scheduledAt: item.instant, startedAt: clock.wall, cause: cause,
      version: generations[jobs[index].generation].version)
    write(.began(record), into: &effects)
    return true
  }

  /// Records the end of a run, in a record of its own or in the job's sum.
  mutating func recordEnd(
    _ report: borrowing RunEnd, _ index: JobIndex?, into effects: inout Effects
  ) {
    guard report.key != .none else { return }
    if !report.isRecorded, report.outcome.status.isGood, let index {
      sumUp(
        index, at: report.scheduledAt, from: report.startedAt, until: report.endedAt,
        processorTime: report.processorTime, into: &effects)
      return
    }
    if let index { ensureRow(index, into: &effects) }
    var record = RunRecord(report, clock)
    record.cause = store.takeCause(
      of: report, arguments: index.map { jobs[$0].policy.value.arguments } ?? .nil)
    record.version = generationIndices[report.generation].flatMap { generations[$0].version }
    write(.ended(record), into: &effects)
    guard let index, !countsAreWrittenWithSum(index) else { return }
    write(countsChange(index), into: &effects)
  }

  /// True if the job's counts will be written with its sum, which has grown. The counts of a job with a window are
  /// written at once, since `times` depends on them.
  func countsAreWrittenWithSum(_ index: JobIndex) -> Bool {
    guard !jobs[index].options.contains(.window), jobs[index].hasDirtySummary else { return false }
    let sum = sums.sum(at: index)
    return sum.count > sum.storedCount
  }

  /// Adds a run to its job's sum; `start` and `end` are elapsed times.
  mutating func sumUp(
    _ index: JobIndex, at instant: Timestamp, from start: Int64, until end: Int64,
    processorTime: Int64,
    into effects: inout Effects
  ) {
    sums.makeRoom(for: index, of: jobs.count)
    if sums[index].count > 0,
      sums[index].from.distance(to: instant) >= HistoryBounds.summaryLength
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

  /// Takes one record from the budgets of the job and of all jobs. Returns false if one of them is used up.
  mutating func useRecordBudget(of index: JobIndex) -> Bool {
    guard isStored(index), store.recordBudgetUsedUntil &- clock.elapsed < HistoryBounds.burst else {
      return false
    }
    let second = UInt32(truncatingIfNeeded: clock.elapsed / 1_000_000_000)
    let full = max(jobs[index].recordBudgetUsedUntil, second)
    guard full - second < HistoryBounds.jobBurst else { return false }
    jobs[index].recordBudgetUsedUntil = full + 1
    store.recordBudgetUsedUntil =
      max(store.recordBudgetUsedUntil, clock.elapsed) + HistoryBounds.recordInterval
    return true
  }

  // MARK: Sums

  private mutating func flushSum(_ index: JobIndex, into effects: inout Effects) {
    let sum = sums.sum(at: index)
    guard sum.count > sum.storedCount else { return }
    sums[index].storedCount = sum.count
    ensureRow(index, into: &effects)
    write(.summary(sum.summary(of: jobs[index].key)), into: &effects)
    write(countsChange(index), into: &effects)
  }

  /// Adds a job to those whose sums and decisions are written later.
  mutating func markSummaryDirty(of index: JobIndex) {
    guard !jobs[index].hasDirtySummary else { return }
    jobs[index].hasDirtySummary = true
    dirtySummaries.append(id(of: index))
    guard summaryTimer == .none else { return }
    summaryTimer = wheel.insert(
      deadline: Tick(notBefore: clock.elapsed &+ summaryDelay), .summaries)
  }

  /// The time until the next write of sums, in nanoseconds. It is long for a store that ends with the process, since
  /// each query writes the sums first.
  private var summaryDelay: Int64 {
    store.isDurable
      ? HistoryBounds.summaryDelay(forSums: previousSummaryCount) : HistoryBounds.summaryLength
  }

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

  mutating func flushSummary(_ index: JobIndex, into effects: inout Effects) {
    guard jobs[index].hasDirtySummary else { return }
    jobs[index].hasDirtySummary = false
    flushSum(index, into: &effects)
    jobs[index].extras?.flushDecisions(into: &effects)
  }
}

/// How much history the core writes.
enum HistoryBounds {
  /// How many records a job may have in advance; one more each second.
  static let jobBurst: UInt32 = 60
  /// The time in which the budget of all jobs grows by one record, in nanoseconds.
  static let recordInterval: Int64 = 20_000_000
  /// The records that all jobs may have in advance, as time of their budget.
  static let burst: Int64 = 2_000 * recordInterval
  /// The time between two writes of sums, in nanoseconds: a share for each job that has a sum, the minimum and the
  /// maximum.
  private static let summaryShare: Int64 = 1_000_000_000 / 30
  private static let summaryInterval: Int64 = 10_000_000_000
  private static let longestSummaryInterval: Int64 = 60_000_000_000
  /// The most time that one row of the store sums up, in nanoseconds.
  static let summaryLength: Int64 = 600_000_000_000

  /// The time between two writes of `count` sums to a durable store, in nanoseconds.
  static func summaryDelay(forSums count: Int) -> Int64 {
    min(max(Int64(count) * summaryShare, summaryInterval), longestSummaryInterval)
  }
}
