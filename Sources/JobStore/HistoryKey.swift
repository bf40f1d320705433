import MoonwheelModel
import Triggers

/// Identifies one attempt of one run.
struct AttemptKey: Hashable {
  var run: Run.ID
  var attempt: Int32

  init(_ record: RunRecord) {
    run = record.run
    attempt = record.attempt
  }
}

/// Identifies one summary of a job's runs.
struct SummaryKey: Hashable {
  var job: StoreKey
  var from: Timestamp

  init(_ summary: RunSummary) {
    job = summary.job
    from = summary.from
  }
}

/// Identifies one row of the history.
enum HistoryKey: Hashable {
  case run(AttemptKey)
  case summary(SummaryKey)
  case decision(Decision.ID)
}
