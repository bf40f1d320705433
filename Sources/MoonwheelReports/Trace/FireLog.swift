import JobHistory
import Moonwheel
import MoonwheelSimulation
import Triggers

/// The times at which each job of a simulation fires, a fire a line, and a count at the end.
package struct FireLog {
  private let zone: Zone
  private var summary: TraceSummary

  package init(zone: Zone) {
    self.zone = zone
    summary = TraceSummary(zone: zone)
  }

  /// The line of an entry; nil for one that is not about a fire, an outage or the clock.
  package mutating func line(_ entry: TraceEntry) -> String? {
    summary.take(entry)
    return Self.words(entry).map { "\(entry.time.iso(in: zone))  \($0)" }
  }

  package func ending(at end: Timestamp) -> String {
    let fires = ShortText.counted(summary.fires, "fire")
    return "\(fires) of \(ShortText.counted(summary.jobs.count, "job")) until \(end.iso(in: zone))"
  }

  private static func words(_ entry: TraceEntry) -> String? {
    let job = "\(entry.script ?? ""):\(entry.job ?? "")".escapingControls
    let reason = (entry.reason ?? "").escapingControls
    let count = entry.count == 1 ? "" : "\(entry.count) "
    return switch entry.event {
    case "run.started": job
    case "run.skipped", "run.missed":
      "\(job)  \(count)\(entry.event.dropFirst("run.".count)): \(reason)"
    case "outage.began": "the host is down"
    case "outage.ended": "the host is up again"
    case "scheduler.clock_stepped": "the clock was set"
    default: nil
    }
  }
}
