import Triggers

/// Handlers whose events go ahead of the core: see ``EventLease``. To scripts, to the store and to whoever asks it is as if
/// the core had started each event when the one before had ended.
extension SchedulerCore {
  /// Whether the events of a job need nothing of the core between them.
  private func mayLease(_ index: Int) -> Bool {
    allowsLeases && jobs[index].takesLeases && !isDraining && !interest.contains(.runStarted)
      && jobs[index].state == .active && jobs[index].extras?.state == nil
  }

  /// For a run of an event that starts now: the series that it begins, with what waits behind it.
  mutating func openLease(_ index: Int, into effects: inout Effects) -> EventLease? {
    guard mayLease(index) else { return nil }
    let extras = makeExtras(of: index)
    let lease = extras.lease ?? EventLease()
    extras.lease = lease
    lease.open()
    while lease.count < EventLease.length,
      let (event, at) = jobs[index].waiting?.removeFirstEvent()
    {
      _ = lease.append(EventLease.Item(run: newRun(), event: event, at: at))
    }
    return lease
  }

  /// Puts an event behind those of an open series; false where there is none.
  mutating func appendToLease(_ item: WaitingRuns.Item, _ index: Int) -> Bool {
    guard case .event(let event, let at) = item, jobs[index].waiting == nil,
      let lease = jobs[index].extras?.lease, mayLease(index)
    else { return false }
    let run = Run.ID(rawValue: lastRun + 1)
    guard lease.append(EventLease.Item(run: run, event: event, at: at)) else { return false }
    lastRun += 1
    return true
  }

  /// How many events of a job wait.
  func waitingCount(_ index: Int) -> Int {
    (jobs[index].waiting?.count ?? 0) + (jobs[index].extras?.lease?.count ?? 0)
  }

  /// Takes back what has not begun of a job's series, to the front of what waits.
  mutating func revokeLeases(_ index: Int) {
    guard let rest = jobs[index].extras?.lease?.close(), !rest.isEmpty else { return }
    let hadNone = jobs[index].waiting == nil
    let waiting = jobs[index].waiting ?? WaitingRuns()
    waiting.prepend(rest.map { .event($0.event, at: $0.at) })
    jobs[index].waiting = waiting
    if hadNone { waitingJobs += 1 }
  }

  /// The same for all jobs.
  public mutating func revokeLeases() {
    for index in jobs.indices where jobs[index].extras?.lease != nil { revokeLeases(index) }
  }

  /// A run of a series has ended, and the next has begun: one goes for the other.
  mutating func leaseAdvanced(_ report: borrowing RunReport, into effects: inout Effects) {
    guard let index = index(of: report.job) else {
      reportRemoved(report, into: &effects)
      return
    }
    effects.dequeued.append(id(of: index))
    tell(report, index, into: &effects)
    follow(report, index, into: &effects)
    jobs[index].running -= 1
    _ = jobs[index].begin(at: clock.wall)
  }
}
