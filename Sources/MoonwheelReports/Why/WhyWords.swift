import JobHistory
import MoonwheelModel
import Triggers

/// Writes the outcome of fires in words, a line each.
struct WhyWords {
  let zone: Zone

  func line(_ entry: Timeline.Entry) -> String {
    switch entry {
    case .recorded(let entry): return line(entry)
    case .unrecorded(let from, let through, let count, let reason):
      let more = count < 2 ? "" : "; \(count) fires, through \(iso(through))"
      return time(from, reason + more)
    }
  }

  func iso(_ instant: Timestamp) -> String { instant.iso(in: zone) }

  func line(_ entry: HistoryEntry) -> String {
    switch entry {
    case .run(let record): time(record.scheduledAt, words(record))
    case .summary(let summary):
      time(
        summary.from,
        "\(summary.count) runs succeeded, through \(iso(summary.through)); "
          + HistoryWords.summary(summary))
    case .decision(let decision): time(decision.from, words(decision))
    }
  }

  func time(_ instant: Timestamp, _ words: String) -> String {
    "\(instant.iso(in: zone))  \(words)"
  }

  private func words(_ record: RunRecord) -> String {
    let problem = HistoryWords.problem(record)
    let outcome = HistoryWords.status(record) + (problem.isEmpty ? "" : ": \(problem)")
    let late = "\(ShortText.length(record.lateness)) late"
    guard let duration = record.duration else {
      return "\(outcome) since \(record.startedAt.iso(in: zone)), \(late), run \(record.run)"
    }
    return "ran: \(outcome); \(late), took \(ShortText.length(duration)), run \(record.run)"
  }

  private func words(_ decision: Decision) -> String {
    var words = "\(decision.kind.words): \(decision.reason.firstLine)"
    if decision.count > 1 {
      words += "; \(decision.count) fires, through \(decision.through.iso(in: zone))"
    }
    if let run = decision.run, !decision.reason.contains(run.description) {
      words += "; run \(run)"
    }
    return words
  }

  func pending(_ run: PendingRun) -> String {
    let kind =
      switch run.kind {
      case .promise: "promised"
      case .retry: "attempt \(run.attempt), after a failure"
      case .fire: "a fire that waits to run"
      }
    let due = "due at \(run.dueAt.iso(in: zone))"
    let crashes =
      run.crashes == 0 ? "" : ", cut off \(run.crashes == 1 ? "once" : "\(run.crashes) times")"
    return switch run.status {
    case .waiting: "waits: \(kind), \(due)\(crashes)"
    case .running: "started, and has not ended: \(kind), \(due)\(crashes)"
    case .dead: "dead: \(kind), \(due)\(crashes); it is kept, but not started again"
    }
  }
}

extension Decision.Kind {
  fileprivate var words: String {
    switch self {
    case .coalesced: "not run by itself"
    case .denied: "refused"
    case .skipped, .missed, .misfired, .dropped, .dead: rawValue
    }
  }
}
