import JobStore
import MoonwheelModel
import Triggers

/// One row of a job's history.
package enum HistoryEntry {
  case run(RunRecord)
  case summary(RunSummary)
  case decision(Decision)

  /// The nominal instants of the first and of the last fire that the entry is about.
  private var span: (from: Timestamp, through: Timestamp) {
    switch self {
    case .run(let record): (record.scheduledAt, record.scheduledAt)
    case .summary(let summary): (summary.from, summary.through)
    case .decision(let decision): (decision.from, decision.through)
    }
  }

  /// The job of the entry, with its present script and name.
  package var job: (key: StoreKey, script: String, name: String) {
    switch self {
    case .run(let record): (record.job, record.script, record.name)
    case .summary(let summary): (summary.job, summary.script, summary.name)
    case .decision(let decision): (decision.job, decision.script, decision.name)
    }
  }

  package var from: Timestamp { span.from }
  package var through: Timestamp { span.through }

  /// Runs and summaries, newest first; decisions too if `includingDecisions`.
  package static func newest(
    _ query: RunQuery, in store: some JobStore, includingDecisions: Bool = false
  ) throws(StoreError) -> [HistoryEntry] {
    var entries = try store.runs(query).map { HistoryEntry.run($0) }
    entries += try store.summaries(query).map { .summary($0) }
    if includingDecisions { entries += try store.decisions(query).map { .decision($0) } }
    return Array(entries.sorted { $0.through > $1.through }.prefix(query.limit))
  }
}
