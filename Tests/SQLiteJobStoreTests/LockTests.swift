import Glibc
import MoonwheelModel
import SQLiteJobStore
import TestSupport
import Testing
import Triggers

struct LockTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("store.db")
  }

  @Test func `the error of a second host says who holds the store, and what to do`() throws {
    let store = try filledStore(path, runs: 1)
    for _ in 1...2 {
      let refused = try #require(storeError { _ = try SQLiteJobStore(path: path).load() })
      #expect(refused.code == .held)
      #expect(refused.description.contains("\(path): another host writes to it"))
      #expect(refused.description.contains("process \(getpid()), on "))
      #expect(refused.description.contains(", since 20"))
      #expect(refused.description.contains("stop that one, or give this one a file of its own"))
    }
    try store.commit([.pendingRun(pendingRun(9))], isDurable: true)
    store.close()
    let second = SQLiteJobStore(path: path)
    #expect(try second.load().pendingRuns.count == 2)
    #expect(storeError { _ = try store.load() }?.code == .held)
  }

  @Test func `a store that another process holds is refused, and not renamed`() async throws {
    let store = try filledStore(path, runs: 1)
    await #expect(processExitsWith: .success) {
      [path = path as String, holder = getpid() as Int32] in
      let refused = storeError { _ = try SQLiteJobStore(path: path).load() }
      #expect(refused?.code == .held)
      #expect(refused?.description.contains("process \(holder), on ") == true)
      #expect(storeError { _ = try SQLiteJobStore.quarantine(path) }?.code == .held)
      let reader = SQLiteJobStore(path: path, mode: .readOnly)
      #expect(reader.host?.hasPrefix("process \(holder), on ") == true)
    }
    #expect(try store.load().jobs.count == 1)
  }

  @Test func `the system releases the lock of a process that is killed`() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let store = try filledStore(path, runs: 1)
      try store.commit([.ended(run(2))], isDurable: false)
      kill(getpid(), SIGKILL)
    }
    let reader = SQLiteJobStore(path: path, mode: .readOnly)
    #expect(try reader.runs(RunQuery()).count == 2)
    #expect(reader.host == nil)
    let store = SQLiteJobStore(path: path)
    #expect(try store.load().pendingRuns.count == 1)
    #expect(reader.host?.hasPrefix("process \(getpid()), on ") == true)
  }

  @Test func `a reader needs no lock, and sees new commits`() throws {
    let store = try filledStore(path, runs: 1)
    let reader = SQLiteJobStore(path: path, mode: .readOnly)
    #expect(try reader.runs(RunQuery()).count == 1)
    try store.commit([.ended(run(2))], isDurable: false)
    #expect(try reader.runs(RunQuery()).count == 2)
    #expect(try reader.load().pendingRuns.count == 1)
    let refused = try #require(storeError { try reader.commit([.ended(run(3))], isDurable: true) })
    #expect(refused.code == .readOnly)
    #expect(storeError { _ = try reader.prune(at: .distantFuture) }?.code == .readOnly)
    store.close()
    #expect(try reader.runs(RunQuery()).count == 2)
    #expect(try SQLiteJobStore(path: path).load().jobs.count == 1, "the reader is in the way")
  }

  @Test func `it makes the file's folder, but not the one above`() throws {
    let store = SQLiteJobStore(path: folder.path(".moonwheel/store.db"))
    #expect(try store.load().jobs.isEmpty)
    store.close()
    #expect(try folder.names == [".moonwheel"])
    let refused = try #require(
      storeError { _ = try SQLiteJobStore(path: folder.path("a/b/store.db")).load() })
    #expect(refused.code == .missing)
    #expect(refused.description.contains("make the folder"))
  }
}
