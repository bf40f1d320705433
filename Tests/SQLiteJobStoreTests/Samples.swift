import GRDB
import MoonwheelModel
import SQLiteJobStore
import Triggers

func at(_ nanoseconds: Int64) -> Timestamp { Timestamp(nanoseconds: nanoseconds) }

func job(_ key: Int64, _ name: String = "job") -> StoredJob {
  StoredJob(
    key: StoreKey(rawValue: key), script: "a.lua", name: name, trigger: "every 10s", anchor: at(0),
    registered: at(0))
}

func pendingRun(_ run: UInt64, job: Int64 = 1, payload: Value = .nil) -> PendingRun {
  PendingRun(
    run: Run.ID(rawValue: run), job: StoreKey(rawValue: job), kind: .promise, scheduledAt: at(1),
    dueAt: at(2), payload: .arguments(payload))
}

func run(_ run: UInt64, job: Int64 = 1, _ status: RunStatus = .succeeded) -> RunRecord {
  RunRecord(
    run: Run.ID(rawValue: run), job: StoreKey(rawValue: job), status: status,
    scheduledAt: at(Int64(run)), startedAt: at(Int64(run)), endedAt: at(Int64(run) + 1))
}

/// A loaded store with one job, and `runs` pending runs and ended runs.
func filledStore(_ path: String, runs: UInt64 = 200) throws -> SQLiteJobStore {
  let store = SQLiteJobStore(path: path)
  _ = try store.load()
  try store.commit([.job(job(1)), .state(StoreKey(rawValue: 1), "state")], isDurable: true)
  for number in 1...runs {
    try store.commit(
      [
        .pendingRun(pendingRun(number, payload: .string("argument \(number)"))),
        .ended(run(number)),
      ],
      isDurable: false)
  }
  return store
}

/// The rows of a file for a statement, without the store. Columns are separated by `|`.
func rows(_ path: String, _ sql: String) throws -> [String] {
  try DatabaseQueue(path: path).writeWithoutTransaction { database in
    try Row.fetchAll(database, sql: sql).map { row in
      row.databaseValues.map { $0.isNull ? "NULL" : "\($0.storage.value ?? "")" }
        .joined(separator: "|")
    }
  }
}

/// The error that `body` throws, or nil.
func storeError(_ body: () throws -> Void) -> StoreError? {
  do {
    try body()
    return nil
  } catch {
    return error as? StoreError
  }
}
