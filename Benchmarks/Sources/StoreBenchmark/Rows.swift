import MoonwheelModel
import Triggers

/// The rows that both stores get.

/// The arguments of a promise, and the result of a run: 63 bytes.
let payload: Value = [
  "id": 42, "customer": "somebody", "note": "sixty bytes or so are a usual size",
]

func instant(of run: UInt64) -> Timestamp {
  Timestamp(nanoseconds: 1_800_000_000_000_000_000 + Int64(run) * 1_000_000)
}

func job(_ key: Int64) -> StoredJob {
  StoredJob(
    key: StoreKey(rawValue: key), script: "shop/\(key % 100).lua", name: "job \(key)",
    trigger: "every 10s", anchor: instant(of: 0), registered: instant(of: 0))
}

func promise(_ run: UInt64) -> PendingRun {
  PendingRun(
    run: Run.ID(rawValue: run), job: StoreKey(rawValue: 1), kind: .promise,
    scheduledAt: instant(of: run), dueAt: instant(of: run), payload: .arguments(payload))
}

func record(_ run: UInt64, job: Int64 = 1, _ status: RunStatus) -> RunRecord {
  RunRecord(
    run: Run.ID(rawValue: run), job: StoreKey(rawValue: job), number: Int64(run), status: status,
    scheduledAt: instant(of: run), startedAt: instant(of: run), endedAt: instant(of: run),
    processorTime: 1, result: payload)
}
