import GRDB
import MoonwheelModel
import TestSupport
import Testing

@testable import SQLiteJobStore

/// SQLite answers the queries of a long history from an index, in its order, and does not scan the tables.
struct PlanTests {
  static let queries: [RunQuery] = [
    RunQuery(job: StoreKey(rawValue: 1)),
    RunQuery(job: StoreKey(rawValue: 1), statuses: [.failed], since: at(1), through: at(9)),
    RunQuery(),
    RunQuery(statuses: [.failed]),
    RunQuery(since: at(1)),
    RunQuery(name: "job"),
    RunQuery(script: "a.lua", name: "job", since: at(1)),
    RunQuery(run: Run.ID(rawValue: 1)),
  ]

  @Test(arguments: queries)
  func `a query of the history scans no table`(query: RunQuery) throws {
    let folder = try TemporaryFolder()
    let store = try filledStore(folder.path("store.db"), runs: 3)
    store.close()
    let connection = try Connection(
      reading: StoreFile(folder.path("store.db")), busyTimeout: .seconds(1))
    let isByName = query.job == nil && query.name != nil
    for (table, request) in [
      ("runs", HistorySelect.runs(query, in: "runs")),
      ("summaries", HistorySelect.summaries(query)),
      ("decisions", HistorySelect.decisions(query)),
    ] {
      guard let request, !(query.run != nil && table == "decisions") else { continue }
      let plan = try connection.read { try request.plan(in: $0) }
      for step in plan where step.contains(table) {
        #expect(step.contains("USING"), "\(query): \(plan)")
      }
      #expect(plan.contains { $0.contains(table) }, "\(plan)")
      let isSorted = plan.contains { $0.contains("USE TEMP B-TREE FOR ORDER BY") }
      #expect(!isSorted || isByName || query.run != nil, "\(query): \(plan)")
    }
  }

  @Test func `pruning scans no table`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("store.db")
    try filledStore(path, runs: 3).close()
    for sql in PruneCommands.statements {
      let plan = try rows(path, "EXPLAIN QUERY PLAN " + sql.replacing("?", with: "1"))
      #expect(plan.allSatisfy { !$0.contains("|SCAN") && !$0.contains("TEMP B-TREE") }, "\(plan)")
    }
  }
}
