import JobStore
import MoonwheelModel
import Moonwheel

/// One thing that a store has kept of a job.
enum HistoryEntry {
  case run(RunRecord)
  case sum(RunSummary)
  case decision(Decision)

  /// Nominal instants of the first fire that it is about, and of the last.
  var from: Timestamp {
    switch self {
    case .run(let record): record.scheduledAt
    case .sum(let sum): sum.from
    case .decision(let decision): decision.from
    }
  }

  var through: Timestamp {
    switch self {
    case .run(let record): record.scheduledAt
    case .sum(let sum): sum.through
    case .decision(let decision): decision.through
    }
  }

  /// Runs and sums, newest first; with `includingDecisions`, these too.
  static func newest(
    _ query: RunQuery, in store: some JobStore, includingDecisions: Bool = false
  ) throws(Failure) -> [HistoryEntry] {
    try asking { () throws(StoreError) in
      var entries = try store.runs(query).map { HistoryEntry.run($0) }
      entries += try store.summaries(query).map { .sum($0) }
      if includingDecisions { entries += try store.decisions(query).map { .decision($0) } }
      return entries.enumerated()
        .sorted { ($1.element.through, $0.offset) < ($0.element.through, $1.offset) }
        .prefix(query.limit).map(\.element)
    }
  }
}
