import GRDB
import TestSupport
import Testing
import Triggers

@testable import SQLiteJobStore

/// A host migrates the files of older versions, and keeps their content.
struct MigrationTests {
  @Test func `a store of the first version is migrated`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("store.db")
    try DatabaseQueue(path: path).writeWithoutTransaction { database in
      try database.execute(sql: Schema.migrations[0])
      try database.execute(
        sql: """
          PRAGMA application_id = \(Schema.application);
          PRAGMA user_version = 1;
          INSERT INTO jobs VALUES(1, 'a.lua', 'job', 1, 'every 10s', 5, 7, NULL, 30, 3, 4, 20, 'paused',
            'by hand', 100, 1000, NULL);
          INSERT INTO promises VALUES(8, 1, 0, 0, 1, 40, 41, 0, NULL, NULL);
          INSERT INTO promises VALUES(9, 1, 1, 0, 2, 40, 42, 0, NULL, NULL);
          UPDATE marks SET handled_through = 25, last_run = 9, last_job = 1;
          """)
    }
    let store = SQLiteJobStore(path: path)
    let state = try store.load()
    let row = try #require(state.jobs.first)
    #expect(row.since == at(7) && row.registered == at(7) && row.anchor == at(5))
    #expect(row.timing == nil && row.hasPausedOption == nil && row.from == nil && row.till == nil)
    #expect(row.due == at(30) && row.reason == "by hand" && row.state == .paused)
    #expect(state.pendingRuns.map(\.isRelative) == [false, true])
    #expect(state.handledThrough == at(25) && state.lastRun.rawValue == 9)
    try store.commit([.job(row), .pendingRun(state.pendingRuns[1])], isDurable: true)
    store.close()
    let again = try SQLiteJobStore(path: path).load()
    #expect(again.jobs == state.jobs && again.pendingRuns == state.pendingRuns)
    #expect(try rows(path, "PRAGMA user_version") == ["\(Schema.version)"])
  }

  @Test func `the decision parked becomes dead`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("store.db")
    try DatabaseQueue(path: path).writeWithoutTransaction { database in
      for migration in Schema.migrations[..<3] { try database.execute(sql: migration) }
      try database.execute(
        sql: """
          PRAGMA application_id = \(Schema.application);
          PRAGMA user_version = 3;
          INSERT INTO decisions VALUES(1, 1, 'parked', 40, 40, 1, 41, 'cut off 3 times', 8);
          """)
    }
    let store = SQLiteJobStore(path: path)
    _ = try store.load()
    store.close()
    #expect(try rows(path, "SELECT kind FROM decisions") == ["dead"])
  }

  /// Version 4 had no tables of modules.
  @Test func `a store of version 4 is migrated`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("store.db")
    try DatabaseQueue(path: path).writeWithoutTransaction { database in
      for migration in Schema.migrations[..<4] { try database.execute(sql: migration) }
      try database.execute(
        sql: "PRAGMA application_id = \(Schema.application); PRAGMA user_version = 4;")
    }
    let store = SQLiteJobStore(path: path)
    _ = try store.load()
    store.close()
    #expect(try rows(path, "PRAGMA user_version") == ["5"])
  }
}
