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

  @Test func `a second host is told who holds the store, and what to do`() throws {
    let store = try filledStore(path, runs: 1)
    for _ in 1...2 {
      let refused = try #require(refusal { _ = try SQLiteJobStore(path: path).load() })
      #expect(refused.code == .held)
      #expect(refused.description.contains("\(path): another host writes to it"))
      #expect(refused.description.contains("process \(getpid()), on "))
      #expect(refused.description.contains(", since 20"))
      #expect(refused.description.contains("stop that one, or give this one a file of its own"))
    }
    try store.commit([.pendingRun(promise(9))], isDurable: true)
    store.close()
    let second = SQLiteJobStore(path: path)
    #expect(try second.load().pendingRuns.count == 2)
    #expect(refusal { _ = try store.load() }?.code == .held)
  }

  @Test func `a store of another process is refused, and not set aside`() async throws {
    let store = try filledStore(path, runs: 1)
    await #expect(processExitsWith: .success) {
      [path = path as String, holder = getpid() as Int32] in
      let refused = refusal { _ = try SQLiteJobStore(path: path).load() }
      #expect(refused?.code == .held)
      #expect(refused?.description.contains("process \(holder), on ") == true)
      #expect(refusal { _ = try SQLiteJobStore.quarantine(path) }?.code == .held)
      let reader = SQLiteJobStore(path: path, mode: .readOnly)
      #expect(reader.host?.hasPrefix("process \(holder), on ") == true)
    }
    #expect(try store.load().jobs.count == 1)
  }

  @Test func `a lock ends with its process, however that ends`() async throws {
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

  @Test func `a store that is only read needs no lock, and sees what is committed`() throws {
    let store = try filledStore(path, runs: 1)
    let reader = SQLiteJobStore(path: path, mode: .readOnly)
    #expect(try reader.runs(RunQuery()).count == 1)
    try store.commit([.ended(run(2))], isDurable: false)
    #expect(try reader.runs(RunQuery()).count == 2)
    #expect(try reader.load().pendingRuns.count == 1)
    let refused = try #require(refusal { try reader.commit([.ended(run(3))], isDurable: true) })
    #expect(refused.code == .readOnly)
    #expect(refusal { _ = try reader.prune(at: .distantFuture) }?.code == .readOnly)
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
      refusal { _ = try SQLiteJobStore(path: folder.path("a/b/store.db")).load() })
    #expect(refused.code == .missing)
    #expect(refused.description.contains("make the folder"))
  }
}
