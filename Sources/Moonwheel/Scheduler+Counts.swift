import MoonwheelModel
import SchedulerEngine

/// What the log of a host says of its whole life.
extension Scheduler {
  /// How many attempts of runs have ended since the start, for each way in which some did.
  package var endedRuns: [(status: RunStatus, count: Int)] {
    let counts = timekeeper.runCounts.withLock { $0 }
    return RunStatus.allCases.map { ($0, counts[$0]) }.filter { $0.1 > 0 }
  }

  package var scriptCounts: ScriptCounts { catalog.counts }

  /// The name of the zone of triggers that name none.
  package var zoneName: String { environment.zone.name }
}
