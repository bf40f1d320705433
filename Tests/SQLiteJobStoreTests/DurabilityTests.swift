import Glibc
import MoonwheelModel
import TestSupport
import Testing
import Triggers

@testable import SQLiteJobStore

struct DurabilityTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("store.db")
  }

  /// A child process commits, and adds a byte to another file after each commit, until it is killed at a random moment.
  @Test(arguments: 1...12)
  func `acknowledged commits are there after kill -9`(round: Int) async throws {
    let microseconds = UInt32.random(in: 1_000...60_000)
    let acknowledged = folder.path("acknowledged")
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = path as String, acknowledged = acknowledged as String, delay = microseconds as UInt32]
      in
      let store = SQLiteJobStore(path: path)
      _ = try store.load()
      try store.commit([.job(job(1))], isDurable: true)
      let file = unsafe open(acknowledged, O_WRONLY | O_CREAT | O_APPEND, 0o600)
      for number: UInt64 in 1... {
        try store.commit(
          [.pendingRun(pendingRun(number)), .ended(run(number)), .state(.init(rawValue: 1), 1)],
          isDurable: number % 7 == 0)
        let byte: [UInt8] = [1]
        _ = unsafe write(file, byte, 1)
        guard number == 1 else { continue }
        Task.detached {
          usleep(delay)
          kill(getpid(), SIGKILL)
        }
      }
    }
    let count = StoreFile.size(of: acknowledged) ?? 0
    let state = try SQLiteJobStore(path: path).load()
    let kept = state.pendingRuns.map(\.run.rawValue)
    // The last commit, which was not acknowledged, may be there too.
    #expect(
      kept == Array(1...UInt64(count + 1)).prefix(kept.count).map { $0 }
        && kept.count >= Int(count),
      "killed after \(microseconds) µs: \(count) acknowledged, \(kept.count) kept")
    #expect(count > 0)
    #expect(
      try SQLiteJobStore(path: path, mode: .readOnly).runs(RunQuery(limit: .max)).count
        == kept.count)
  }

  @Test func `only a durable commit waits for the disk`() throws {
    let connection = try Connection(writing: StoreFile(path), busyTimeout: .seconds(1))
    for isDurable in [false, true, true, false] {
      try connection.write { try $0.commit([.seed(1)], isDurable: isDurable) }
      let level = try connection.read {
        try Command("PRAGMA synchronous", in: $0).rows { $0.integer(0) }
      }
      #expect(level == [isDurable ? 2 : 1])
    }
    let mode = try connection.read {
      try Command("PRAGMA journal_mode", in: $0).rows { $0.text(0) }
    }
    #expect(mode == ["wal"])
  }

  @Test func `a closed store leaves only its file and its lock`() throws {
    try filledStore(path).close()
    #expect(try folder.names == ["store.db", "store.db.lock"])
  }

  @Test func `a file stops growing if as many rows are pruned as are added`() throws {
    let store = SQLiteJobStore(path: path)
    _ = try store.load()
    var small = job(1)
    small.history = 10
    try store.commit([.job(small)], isDurable: false)
    var sizes: [Int] = []
    for round: UInt64 in 0..<12 {
      try store.commit((1...500).map { .ended(run(round * 500 + $0)) }, isDurable: false)
      while try store.prune(at: .distantFuture) {}
      sizes.append(try rows(path, "PRAGMA page_count").compactMap { Int($0) }[0])
    }
    #expect(sizes[11] <= sizes[1] + 2, "pages: \(sizes)")
  }
}
