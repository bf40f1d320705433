import Foundation
import GRDB
import Glibc
import MoonwheelModel
import TestSupport
import Testing

@testable import SQLiteJobStore

struct RefusalTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path("store.db")
  }

  @Test func `a newer store is refused and stays unchanged`() throws {
    try filledStore(path, runs: 1).close()
    _ = try rows(path, "PRAGMA user_version = 99")
    for mode in [SQLiteJobStore.Mode.readWrite, .readOnly] {
      let refused = try #require(
        storeError { _ = try SQLiteJobStore(path: path, mode: mode).load() })
      #expect(refused.code == .newer)
      #expect(
        refused.description.contains("have version 99, this one knows up to \(Schema.version)"))
    }
    #expect(try rows(path, "SELECT count(*) FROM runs") == ["1"])
  }

  @Test func `a file of another program is refused and stays unchanged`() throws {
    _ = try rows(path, "CREATE TABLE theirs(a)")
    let text = folder.path("script.lua")
    try "every('1s', print)".write(toFile: text, atomically: false, encoding: .utf8)
    for file in [path, text] {
      let before = try Data(contentsOf: URL(fileURLWithPath: file))
      for mode in [SQLiteJobStore.Mode.readWrite, .readOnly] {
        let refused = try #require(
          storeError { _ = try SQLiteJobStore(path: file, mode: mode).load() })
        #expect(refused.code == .foreign)
        #expect(refused.description.contains("\(file): it is a"))
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
    }
  }

  @Test func `the error names a missing file, and a folder`() throws {
    let missing = storeError {
      _ = try SQLiteJobStore(path: path, mode: .readOnly).runs(RunQuery())
    }
    #expect(missing == StoreError(.missing, "\(path): there is no such file"))
    let isFolder = storeError { _ = try SQLiteJobStore(path: folder.path).load() }
    #expect(isFolder?.description.contains("it is a folder") == true)
    try Data().write(to: URL(fileURLWithPath: path))
    let empty = storeError { _ = try SQLiteJobStore(path: path, mode: .readOnly).runs(RunQuery()) }
    #expect(empty?.code == .missing)
    #expect(try SQLiteJobStore(path: path).load().jobs.isEmpty, "an empty file is a new store")
  }

  @Test func `a store recovers when another program unlocks it`() throws {
    let store = SQLiteJobStore(path: path, busyTimeout: .milliseconds(10))
    _ = try store.load()
    let other = try DatabaseQueue(path: path)
    try other.writeWithoutTransaction { database in
      try database.execute(sql: "BEGIN IMMEDIATE")
      let refused = storeError { try store.commit([.job(job(1)), .seed(3)], isDurable: true) }
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

  @Test func `a commit that fails in the middle changes nothing`() throws {
    let store = try filledStore(path, runs: 3)
    _ = try rows(
      path,
      """
      CREATE TRIGGER no BEFORE INSERT ON runs WHEN NEW.run = 666
      BEGIN SELECT RAISE(ABORT, 'no'); END
      """)
    let before = try store.load()
    let refused = storeError {
      try store.commit(
        [
          .job(job(2, "other")), .pendingRun(pendingRun(50)), .ended(run(9)),
          .handled(through: at(5)),
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
