import JobStore
import MoonwheelModel
import Triggers

/// An instant, in hours after 2026-11-22T00:00:00Z.
package func hour(_ hours: Double) -> Timestamp {
  Timestamp(seconds: 1_795_305_600).advanced(by: Int64(hours * 3_600_000_000_000))
}

package func storedJob(
  _ name: String = "report", script: String = "report.lua", key: Int64 = 1,
  trigger: String = "cron 0 * * * * in UTC, gap skip, fold both", anchor: Timestamp = hour(0)
) -> StoredJob {
  StoredJob(
    key: StoreKey(rawValue: key), script: script, name: name, trigger: trigger, anchor: anchor,
    registered: hour(2.5))
}

package func runRecord(
  _ number: UInt64, at hours: Double, _ status: RunStatus = .succeeded, key: Int64 = 1
) -> RunRecord {
  let start = hour(hours).advanced(by: 3_000_000)
  return RunRecord(
    run: Run.ID(rawValue: number), job: StoreKey(rawValue: key), status: status,
    scheduledAt: hour(hours), startedAt: start,
    endedAt: status == .running ? nil : start.advanced(by: 1_200_000_000),
    failure: status.isGood
      ? nil : RunFailure(message: "report.lua:3: boom\nmore", traceback: "stack"))
}

package func decision(
  _ id: Int64, _ kind: Decision.Kind, at hours: Double, through last: Double? = nil,
  count: Int64 = 1, _ reason: String, run: UInt64? = nil
) -> Decision {
  Decision(
    id: Decision.ID(rawValue: id), job: StoreKey(rawValue: 1), kind: kind, from: hour(hours),
    through: hour(last ?? hours), count: count, decidedAt: hour(hours), reason: reason,
    run: run.map { Run.ID(rawValue: $0) })
}

package func runSummary(from first: Double, through last: Double, count: Int64) -> RunSummary {
  RunSummary(
    job: StoreKey(rawValue: 1), from: hour(first), through: hour(last), count: count,
    totalDuration: count * 40_000, longestDuration: 9_000_000, totalLateness: 0,
    longestLateness: 2_000_000, processorTime: 5_000_000)
}

/// A store in memory that has these changes.
package func store(_ changes: [StoreChange]) throws -> MemoryJobStore {
  let store = MemoryJobStore()
  _ = store.load()
  try store.commit(changes, isDurable: false)
  return store
}
