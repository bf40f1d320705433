import Moonwheel
import Synchronization

/// When each job fires, one fire a line, and how many there were.
final class FireList: TraceOutput {
  private let zone: Zone
  private let buffer = LineBuffer()
  private let summary: Mutex<TraceSummary>

  init(zone: Zone) {
    self.zone = zone
    summary = Mutex(TraceSummary(zone: zone))
  }

  func take(_ entry: TraceEntry) {
    summary.withLock { $0.take(entry) }
    if let words = Self.words(entry) { buffer.append("\(entry.time.iso(in: zone))  \(words)") }
  }

  func finish(at end: Timestamp) {
    let (fires, jobs) = summary.withLock { ($0.fires, $0.jobs.count) }
    buffer.append(
      "\(SummaryText.counted(fires, "fire")) of \(SummaryText.counted(jobs, "job")) until \(end.iso(in: zone))"
    )
    buffer.flush()
  }

  /// Nil for what is neither a fire nor a decision about one.
  private static func words(_ entry: TraceEntry) -> String? {
    let job = LogPretty.visible("\(entry.script ?? ""):\(entry.job ?? "")")
    let reason = LogPretty.visible(entry.reason ?? "")
    let count = entry.count == 1 ? "" : "\(entry.count) "
    return switch entry.event {
    case "run.started": job
    case "run.skipped": "\(job)  \(count)skipped: \(reason)"
    case "run.missed": "\(job)  \(count)missed: \(reason)"
    case "run.denied": "\(job)  \(count)denied: \(reason)"
    case "outage.began": "the host is down"
    case "outage.ended": "the host is up again"
    case "scheduler.clock_stepped": "the clock was set"
    default: nil
    }
  }
}
