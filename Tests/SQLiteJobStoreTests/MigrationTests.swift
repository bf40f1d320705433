import GRDB
import MoonwheelModel
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

  @Test func `a store of version 4 keeps its runs, and the texts get their version`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("store.db")
    func hash(_ text: String) -> String {
      "x'"
        + SourceHash(of: Array(text.utf8)).bytes.map {
          String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
        }.joined() + "'"
    }
    try DatabaseQueue(path: path).writeWithoutTransaction { database in
      for migration in Schema.migrations[..<4] { try database.execute(sql: migration) }
      try database.execute(
        sql: """
          PRAGMA application_id = \(Schema.application);
          PRAGMA user_version = 4;
          INSERT INTO jobs VALUES(1, 'a.lua', 'job', 1, 'every 10s', 5, 7, NULL, 30, 3, 4, 20, 'active',
            NULL, 100, 1000, NULL, 7, NULL, 0, NULL, NULL);
          INSERT INTO promises VALUES(8, 1, 0, 0, 1, 40, 41, 0, NULL, NULL, 0);
          INSERT INTO runs VALUES(5, 1, 1, 1, 'failed', 10, 11, 12, 3, 4, 0, NULL, 'no', '', NULL, NULL);
          INSERT INTO running VALUES(6, 1, 1, 2, 'running', 20, 21, NULL, 0, 0, 0, NULL, NULL, NULL, NULL,
            NULL);
          INSERT INTO sources VALUES(1, \(hash("x = 1")), CAST('x = 1' AS BLOB));
          INSERT INTO sources VALUES(2, \(hash("y")), CAST('y' AS BLOB));
          INSERT INTO script_sources VALUES('a.lua', '', '', 1, 9);
          INSERT INTO script_sources VALUES('a.lua', 'm', '@m.lua', 2, 9);
          INSERT INTO script_sources VALUES('b.lua', '', '', 2, 8);
          """)
    }
    let store = SQLiteJobStore(path: path)
    let state = try store.load()
    #expect(state.pendingRuns.map(\.by) == [nil] && state.afterRuns.isEmpty)
    #expect(state.interrupted.map(\.cause) == [nil])
    let run = try #require(try store.runs(RunQuery(statuses: [.failed])).first)
    #expect(run.failure?.message == "no" && run.cause == nil)
    #expect(run.version == nil && run.ending == nil)
    let kept = StoredSources(
      script: "a.lua", loadedAt: at(9), text: Array("x = 1".utf8),
      modules: [StoredSources.Module(name: "m", chunk: "@m.lua", text: Array("y".utf8))])
    #expect(try store.sources(of: "a.lua") == kept)
    #expect(
      try store.generations(of: "a.lua") == [
        StoredGeneration(version: kept.version, loadedAt: at(9), isCurrent: true)
      ])
    #expect(try store.sources(of: "b.lua", store.generations(of: "b.lua")[0].version) != nil)
    // The same texts are the same version, of which more is known then.
    var loaded = kept
    loaded.jobs = [["name": "job"]]
    try store.commit([.sources(loaded)], isDurable: true)
    #expect(try store.sources(of: "a.lua") == loaded)
    #expect(try store.generations(of: "a.lua").count == 1)
    store.close()
    #expect(try rows(path, "PRAGMA user_version") == ["5"])
    #expect(try rows(path, "SELECT count(*) FROM sources") == ["2"])
  }
}
