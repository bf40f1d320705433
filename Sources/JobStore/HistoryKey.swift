import MoonwheelModel
import Triggers

/// Identifies one attempt of one run.
package struct AttemptKey: Hashable {
  var run: Run.ID
  var attempt: Int32
}

/// Identifies one summary of a job's runs.
package struct SummaryKey: Hashable {
  var job: StoreKey
  var from: Timestamp
}

/// Identifies one row of the history.
enum HistoryKey: Hashable {
  case run(AttemptKey)
  case summary(SummaryKey)
  case decision(Decision.ID)
}
