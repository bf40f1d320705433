import MoonwheelModel
import Triggers

/// Handlers whose worker starts the next event without the core: see ``EventLease``. Scripts, the store and the answers
/// to commands are the same as if the core had started each event at the end of the previous one.
extension SchedulerCore {
  /// The most events of one lease. After them the core writes the job's records and applies its policy.
  package static let leaseLength = 256

  /// True if the core has nothing to decide between two events of this job.
  private func mayLease(_ index: JobIndex) -> Bool {
    makeLease != nil && jobs[index].schedule.allowsLeases && !isDraining
      && !interest.contains(.runStarted)
      && jobs[index].state == .active && jobs[index].extras?.state == nil
  }

  /// Leases the events behind a run that starts now; nil if the job's events may not be leased.
  mutating func openLease(_ index: JobIndex, into effects: inout Effects) -> (any EventLease)? {
    guard mayLease(index), let makeLease else { return nil }
    let extras = makeExtras(of: index)
    let lease = extras.lease ?? makeLease()
    extras.lease = lease
    lease.open(room: Self.leaseLength)
    while lease.count < Self.leaseLength,
      let (event, at) = jobs[index].waiting?.removeFirstEvent()
    {
      _ = lease.append(LeasedEvent(run: newRun(), event: event, at: at))
    }
    return lease
  }

  /// Adds an event to the job's open lease. Returns false if there is none.
  mutating func appendToLease(_ item: WaitingRuns.Item, _ index: JobIndex) -> Bool {
    guard case .event(let event, let at) = item, jobs[index].waiting == nil,
      let lease = jobs[index].extras?.lease, mayLease(index)
    else { return false }
    let run = Run.ID(rawValue: lastRun + 1)
    guard lease.append(LeasedEvent(run: run, event: event, at: at)) else { return false }
    lastRun += 1
    return true
  }

  /// The number of waiting items of a job, with those in its lease.
  func waitingCount(_ index: JobIndex) -> Int {
    (jobs[index].waiting?.count ?? 0) + (jobs[index].extras?.lease?.count ?? 0)
  }

  /// Moves the events of a job's lease that have not begun back to the front of its queue.
  mutating func revokeLeases(_ index: JobIndex) {
    guard let events = jobs[index].extras?.lease?.close(), !events.isEmpty else { return }
    let hadNone = jobs[index].waiting == nil
    let waiting = jobs[index].waiting ?? WaitingRuns()
    waiting.prepend(events.map { .event($0.event, at: $0.at) })
    jobs[index].waiting = waiting
    if hadNone { waitingJobs += 1 }
  }

  /// Revokes the leases of all jobs.
  public mutating func revokeLeases() {
    for index in jobs.indices where jobs[index].extras?.lease != nil { revokeLeases(index) }
  }

  /// A leased run has ended, and its worker has begun the next one. The number of runs under way does not change.
  mutating func leaseAdvanced(_ report: borrowing RunEnd, into effects: inout Effects) {
    guard let index = index(of: report.job) else {
      publishEndOfRemoved(report, into: &effects)
      return
    }
    effects.dequeued.append(id(of: index))
    publishEnd(report, index, into: &effects)
    retryOrRunHooks(report, index, into: &effects)
    jobs[index].running -= 1
    _ = jobs[index].begin(at: clock.wall)
  }
}
