import MoonwheelModel
import Triggers

/// Handlers whose worker starts the next event without the core: see ``Lease``. Scripts, the store and the answers to
/// commands are the same as if the core had started each event at the end of the previous one.
extension SchedulerCore {
  /// Leases the events behind a run that starts now; nil if the core must decide something between two of them.
  mutating func openLease(_ run: Run.ID, _ index: JobIndex, into effects: inout Effects) -> Run.ID?
  {
    guard jobs[index].schedule.allowsLeases, !interest.contains(.runStarted),
      jobs[index].state == .active,
      jobs[index].extras?.state == nil
    else { return nil }
    let generation = generations[jobs[index].generation].id
    makeExtras(of: index).lease = Lease(run, of: id(of: index), generation, jobs[index].handle)
    openLeases += 1
    for _ in 0..<Lease.limit {
      guard let (event, at) = jobs[index].waiting?.removeFirstEvent() else { break }
      _ = addToLease(event, at: at, index, into: &effects)
    }
    return run
  }

  /// Returns false if the job has no lease, or if it is full.
  mutating func addToLease(
    _ event: Event, at: Timestamp, _ index: JobIndex, into effects: inout Effects
  ) -> Bool {
    let run = Run.ID(rawValue: lastRun + 1)
    guard let leased = jobs[index].extras?.lease?.append(event, at: at, run) else { return false }
    lastRun += 1
    effects.leased.append(leased)
    return true
  }

  /// The number of waiting items of a job, with those in its lease.
  func waitingCount(_ index: JobIndex) -> Int {
    (jobs[index].waiting?.count ?? 0) + (jobs[index].extras?.lease?.rest.count ?? 0)
  }

  /// Ends a job's lease, and moves the events that have not begun back to the front of the job's queue.
  mutating func endLease(_ index: JobIndex, begun: Int = 0) {
    guard let lease = jobs[index].extras?.lease else { return }
    let rest = lease.events[max(begun, lease.begun)...]
    jobs[index].extras?.lease = nil
    openLeases -= 1
    guard !rest.isEmpty else { return }
    if jobs[index].waiting == nil { waitingJobs += 1 }
    let waiting = jobs[index].waiting ?? WaitingRuns()
    waiting.prepend(rest.map { .event($0.event, at: $0.at) })
    jobs[index].waiting = waiting
  }

  /// The leases that the driver must close before it passes an input to the core. O(jobs) for some rare inputs.
  public func leases(concerning input: Input) -> [Lease] {
    guard openLeases > 0 else { return [] }
    switch input.concernedLeases {
    case .none: return []
    case .job(let job): return index(of: job).flatMap { jobs[$0].extras?.lease }.map { [$0] } ?? []
    case .all: return jobs.indices.compactMap { jobs[$0].extras?.lease }
    }
  }

  /// A leased run has ended, and its worker has begun the next one. The number of runs under way does not change.
  mutating func leaseAdvanced(_ report: borrowing RunEnd, into effects: inout Effects) {
    guard let index = index(of: report.job) else {
      if let job = removedJobs[report.job] { publishEnd(report, of: job, into: &effects) }
      return
    }
    jobs[index].extras?.lease?.begun += 1
    effects.dequeued.append(id(of: index))
    follow(report, index, into: &effects)
    jobs[index].running -= 1
    _ = jobs[index].begin(at: clock.wall)
  }
}

extension Input {
  fileprivate enum ConcernedLeases {
    case none
    case job(JobAddress)
    case all
  }

  /// The leases about whose events the core decides again when it handles the input.
  fileprivate var concernedLeases: ConcernedLeases {
    switch self {
    case .command(let address, let command, _): command.concernsLeases ? .job(address) : .none
    case .named(_, _, let command, _): command.concernsLeases ? .all : .none
    case .install, .unload, .dropDynamic, .interest, .drain: .all
    case .register, .event, .finished, .resourcesEnded, .park, .parks, .unpark, .pauseScript,
      .nextFireAnswered, .idle, .list, .stored, .loaded, .stuck, .unstuck, .denied, .pingFailed,
      .leasesClosed:
      .none
    }
  }
}

extension JobCommand {
  fileprivate var concernsLeases: Bool {
    switch self {
    case .pause, .cancel, .setTrigger: true
    case .resume, .next, .status, .addPendingRun, .cancelRun: false
    }
  }
}
