import Foundation
import GRDB
import Glibc
import MoonwheelModel
import SQLiteJobStore
import TestSupport
import Testing

struct RefusalTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("store.db")
  }

  @Test func `a newer store is refused, and left as it is`() throws {
    try filledStore(path, runs: 1).close()
    _ = try ask(path, "PRAGMA user_version = 99")
    for mode in [SQLiteJobStore.Mode.readWrite, .readOnly] {
      let refused = try #require(refusal { _ = try SQLiteJobStore(path: path, mode: mode).load() })
      #expect(refused.code == .newer)
      #expect(refused.description.contains("version 99"))
    }
    #expect(try ask(path, "SELECT count(*) FROM runs") == ["1"])
  }

  @Test func `a file of another program is refused, and left as it is`() throws {
    _ = try ask(path, "CREATE TABLE theirs(a)")
    let text = folder.path("script.lua")
    try "every('1s', print)".write(toFile: text, atomically: false, encoding: .utf8)
    for file in [path, text] {
      let before = try Data(contentsOf: URL(fileURLWithPath: file))
      for mode in [SQLiteJobStore.Mode.readWrite, .readOnly] {
        let refused = try #require(
          refusal { _ = try SQLiteJobStore(path: file, mode: mode).load() })
        #expect(refused.code == .foreign)
        #expect(refused.description.contains("\(file): it is a"))
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
    }
  }

  @Test func `what is not there, or no file, is named when it is to be read`() throws {
    let missing = refusal {
      _ = try SQLiteJobStore(path: path, mode: .readOnly).runs(RunQuery())
    }
    #expect(missing == StoreError(.missing, "\(path): there is no such file"))
    let isFolder = refusal { _ = try SQLiteJobStore(path: folder.path).load() }
    #expect(isFolder?.description.contains("it is a folder") == true)
    try Data().write(to: URL(fileURLWithPath: path))
    let empty = refusal { _ = try SQLiteJobStore(path: path, mode: .readOnly).runs(RunQuery()) }
    #expect(empty?.code == .missing)
    #expect(try SQLiteJobStore(path: path).load().jobs.isEmpty, "an empty file is a new store")
  }

  @Test func `a store that another program has locked recovers by itself`() throws {
    let store = SQLiteJobStore(path: path, busyTimeout: .milliseconds(10))
    _ = try store.load()
    let other = try DatabaseQueue(path: path)
    try other.writeWithoutTransaction { database in
      try database.execute(sql: "BEGIN IMMEDIATE")
      let refused = refusal { try store.commit([.job(job(1)), .seed(3)], isDurable: true) }
      #expect(refused?.code == .busy)
      #expect(refused?.description.contains("another program") == true)
      #expect(try store.jobs(script: nil, name: nil).isEmpty)
      try database.execute(sql: "COMMIT")
    }
    try store.commit([.job(job(1))], isDurable: true)
    let state = try store.load()
    #expect(state.jobs == [job(1)])
    #expect(state.seed == nil, "a change of the refused commit was made")
  }

  @Test func `a commit that is refused in the middle changes nothing`() throws {
    let store = try filledStore(path, runs: 3)
    _ = try ask(
      path,
      """
      CREATE TRIGGER no BEFORE INSERT ON runs WHEN NEW.run = 666
      BEGIN SELECT RAISE(ABORT, 'no'); END
      """)
    let before = try store.load()
    let refused = refusal {
      try store.commit(
        [
          .job(job(2, "other")), .pendingRun(promise(50)), .ended(run(9)), .handled(through: at(5)),
          .ended(run(666)), .ended(run(10)),
        ], isDurable: true)
    }
    #expect(refused?.code == .io)
    let after = try store.load()
    #expect(after.jobs == before.jobs && after.pendingRuns == before.pendingRuns)
    #expect(after.lastRun == before.lastRun && after.handledThrough == nil)
    try store.commit([.ended(run(10))], isDurable: true)
    #expect(try store.runs(RunQuery()).map(\.run.rawValue) == [10, 3, 2, 1])
  }
}
