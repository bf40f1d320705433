import MoonwheelModel

/// Counts of what a core has.
public struct CoreSummary: Sendable {
  public var scripts = 0
  public var jobs: [JobStatus.State: Int] = [:]
  /// Runs under way.
  public var running = 0
  /// Fires, events and pending runs that wait for their turn.
  public var waiting = 0
  /// Pending runs that are not due.
  public var delayed = 0
  /// Pending runs that the host does not start again.
  public var dead = 0
  /// Coroutines that wait for a deadline.
  public var sleeping = 0
}

extension SchedulerCore {
  /// O(jobs).
  public var summary: CoreSummary {
    var summary = CoreSummary()
    for script in scripts.values where script.generation != nil {
      summary.scripts += 1
      for index in indices(of: script) {
        let status = status(of: index)
        summary.jobs[status.state, default: 0] += 1
        summary.waiting += status.waiting
      }
    }
    summary.running = activeRuns
    summary.delayed = delays.count
    summary.dead = dead.count
    summary.sleeping = parks.count
    return summary
  }
}
