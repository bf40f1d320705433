import JobStore
import MoonwheelModel
import Triggers

// Values to store, with content in each field.

/// An instant, in seconds after an arbitrary one. Its nanoseconds are not zero.
func second(_ seconds: Int64) -> Timestamp {
  Timestamp(nanoseconds: 1_798_000_000_000_000_123).advanced(by: seconds * 1_000_000_000)
}

func sampleJob(
  _ key: Int64, _ name: String = "job", script: String = "a.lua", history: Int = 100,
  failures: Int = 1_000
) -> StoredJob {
  StoredJob(
    key: StoreKey(rawValue: key), script: script, name: name, trigger: "every 10s",
    anchor: second(0), registered: second(1), history: history, failures: failures)
}

/// Has a text with a zero byte, the extreme numbers, nested lists, null, and what is empty.
let sampleValue: Value = [
  "text": "one\0two · ☾", "bytes": .bytes([0, 255, 128]), "least": .integer(.min),
  "greatest": .integer(.max), "tiny": .number(.leastNonzeroMagnitude),
  "infinite": .number(-.infinity),
  "minus": .number(-0.0), "flag": false, "list": [1, [], ["deep": [nil, true]]],
  "null": .null, "no members": .table([:]),
]

func samplePendingRun(_ run: UInt64, job: Int64 = 1) -> PendingRun {
  PendingRun(
    run: Run.ID(rawValue: run), job: StoreKey(rawValue: job), kind: .promise,
    scheduledAt: second(5), dueAt: second(6))
}

func sampleRun(
  _ run: UInt64, job: Int64 = 1, attempt: Int32 = 1, _ status: RunStatus = .succeeded,
  at seconds: Int64 = 10
) -> RunRecord {
  RunRecord(
    run: Run.ID(rawValue: run), attempt: attempt, job: StoreKey(rawValue: job), number: 3,
    status: status, scheduledAt: second(seconds), startedAt: second(seconds + 1),
    endedAt: status == .running ? nil : second(seconds + 2),
    failure: status.isGood ? nil : RunFailure(message: "no"))
}

func sampleSummary(job: Int64 = 1, from: Int64 = 10, through: Int64 = 20) -> RunSummary {
  RunSummary(
    job: StoreKey(rawValue: job), from: second(from), through: second(through), count: 612,
    totalDuration: 1, longestDuration: 2, totalLateness: 3, longestLateness: 4, processorTime: 5)
}

func sampleDecision(
  _ id: Int64, job: Int64 = 1, from: Int64 = 10, through: Int64 = 20
) -> Decision {
  Decision(
    id: Decision.ID(rawValue: id), job: StoreKey(rawValue: job), kind: .skipped,
    from: second(from), through: second(through), count: 7, decidedAt: second(11),
    reason: "run X is still going", run: Run.ID(rawValue: 1))
}

extension JobStore {
  func commit(_ changes: StoreChange...) throws { try commit(changes, isDurable: false) }

  /// By default, `now` is much later than all rows.
  func pruneAll(at now: Timestamp = second(1 << 30)) throws {
    for _ in 0..<100_000 where try prune(at: now) == false { return }
    throw Violation(description: "pruning does not end")
  }
}
