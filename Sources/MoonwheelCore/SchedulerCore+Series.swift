import Triggers

/// Handlers whose events go ahead of the core: see ``EventSeries``. To scripts, to the store and to whoever asks it is as if
/// the core had started each event when the one before had ended.
extension SchedulerCore {
  /// Whether the events of a job need nothing of the core between them.
  private func mayRunAhead(_ index: Int) -> Bool {
    runsAhead && jobs[index].takesSeries && !isDraining && !interest.contains(.runStarted)
      && jobs[index].state == .active && jobs[index].ledger?.state == nil
  }

  /// For a run of an event that starts now: the series that it begins, with what waits behind it.
  mutating func openSeries(_ index: Int, into effects: inout Effects) -> EventSeries? {
    guard mayRunAhead(index) else { return nil }
    let ledger = makeLedger(of: index)
    let series = ledger.series ?? EventSeries()
    ledger.series = series
    series.open()
    while series.count < EventSeries.length,
      let (event, at) = jobs[index].waiting?.removeFirstEvent()
    {
      _ = series.append(EventSeries.Item(run: newRun(), event: event, at: at))
    }
    return series
  }

  /// Puts an event behind those of an open series; false where there is none.
  mutating func appendToSeries(_ item: WaitingRuns.Item, _ index: Int) -> Bool {
    guard case .event(let event, let at) = item, jobs[index].waiting == nil,
      let series = jobs[index].ledger?.series, mayRunAhead(index)
    else { return false }
    let run = Run.ID(rawValue: lastRun + 1)
    guard series.append(EventSeries.Item(run: run, event: event, at: at)) else { return false }
    lastRun += 1
    return true
  }

  /// How many events of a job wait.
  func waitingCount(_ index: Int) -> Int {
    (jobs[index].waiting?.count ?? 0) + (jobs[index].ledger?.series?.count ?? 0)
  }

  /// Takes back what has not begun of a job's series, to the front of what waits.
  mutating func recallSeries(_ index: Int) {
    guard let rest = jobs[index].ledger?.series?.close(), !rest.isEmpty else { return }
    let hadNone = jobs[index].waiting == nil
    let waiting = jobs[index].waiting ?? WaitingRuns()
    waiting.prepend(rest.map { .event($0.event, at: $0.at) })
    jobs[index].waiting = waiting
    if hadNone { waitingJobs += 1 }
  }

  /// The same for all jobs.
  public mutating func recallSeries() {
    for index in jobs.indices where jobs[index].ledger?.series != nil { recallSeries(index) }
  }

  /// A run of a series has ended, and the next has begun: one goes for the other.
  mutating func pass(_ report: borrowing RunReport, into effects: inout Effects) {
    guard let index = index(of: report.job) else {
      tellDeparted(report, into: &effects)
      return
    }
    effects.taken.append(id(of: index))
    tell(report, index, into: &effects)
    follow(report, index, into: &effects)
    jobs[index].running -= 1
    _ = jobs[index].begin(at: clock.wall)
  }
}
