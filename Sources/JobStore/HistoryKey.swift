import MoonwheelModel
import Triggers

/// Identifies one row of the history. A newer row replaces the one with its key.
package enum HistoryKey: Hashable {
  case run(Run.ID, attempt: Int32)
  case summary(of: StoreKey, from: Timestamp)
  case decision(Decision.ID)
}
