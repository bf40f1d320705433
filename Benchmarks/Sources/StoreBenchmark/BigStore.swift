import BenchmarkSupport
import Glibc
import MoonwheelModel
import SQLiteJobStore
import Triggers

/// A store with many jobs and a long history: the time to load it, and the time of a query.
enum BigStore {
  private static let jobs: Int64 = isSmoke ? 100 : 100_000
  private static let runs = UInt64(jobs) * 10

  static func measure(at path: String) throws {
    defer { for suffix in ["", "-wal", "-shm", ".lock"] { unsafe unlink(path + suffix) } }
    try fill(path)
    print("\n\(jobs) jobs with \(runs) runs; milliseconds")
    let store = SQLiteJobStore(path: path)
    row("load", try milliseconds { _ = try store.load() })
    let questions: [(String, RunQuery)] = [
      ("the newest 100 of 2,000 runs of a job", RunQuery(job: StoreKey(rawValue: 1))),
      ("the same by its name", RunQuery(name: "job 1")), ("the newest 100 runs", RunQuery()),
      ("the newest 100 that failed", RunQuery(statuses: [.failed])),
      ("none, of a status that none has", RunQuery(statuses: [.evicted])),
    ]
    for (name, query) in questions {
      row(name, try milliseconds { _ = try store.runs(query) })
    }
    let pruning = try milliseconds {
      try store.commit([.ended(record(runs + 1, .succeeded))], isDurable: false)
      while try store.prune(at: .distantFuture) {}
    }
    row("pruning that job to 100 runs", pruning)
    store.close()
  }

  /// Writes ten runs a job, and a long history of one job.
  private static func fill(_ path: String) throws {
    let store = SQLiteJobStore(path: path)
    _ = try store.load()
    for start in stride(from: 1, through: jobs, by: 1_000) {
      let keys = start..<min(start + 1_000, jobs + 1)
      try store.commit(keys.map { .job(job($0)) }, isDurable: false)
    }
    for start in stride(from: UInt64(1), through: runs, by: 1_000) {
      let changes = (start..<min(start + 1_000, runs + 1)).map { run -> StoreChange in
        let key = run % 500 == 0 ? 1 : Int64(run % UInt64(jobs)) + 1
        return .ended(record(run, job: key, run % 50 == 0 ? .failed : .succeeded))
      }
      try store.commit(changes, isDurable: false)
    }
    store.close()
  }

  private static func milliseconds(_ body: () throws -> Void) rethrows -> String {
    let before = Process.monotonicTime()
    try body()
    return rounded(Double(Process.monotonicTime() - before) / 1e6)
  }
}
