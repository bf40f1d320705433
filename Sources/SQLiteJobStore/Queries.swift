import GRDB
import MoonwheelCore
import Triggers

/// What is asked of a store, in the shapes of `JobStore`.
extension Database {
  func runs(_ query: RunQuery) throws -> [RunRecord] {
    let found = try runs(query, in: "running") + runs(query, in: "runs")
    return Array(
      found.sorted { ($0.scheduledAt, $0.run, $0.attempt) > ($1.scheduledAt, $1.run, $1.attempt) }
        .prefix(max(0, query.limit)))
  }

  private func runs(_ query: RunQuery, in table: String) throws -> [RunRecord] {
    var request = Request(query, of: table)
    request.require("run", query.run)
    request.require("status", query.status?.rawValue)
    request.require("scheduled_at", ">=", query.since)
    request.require("scheduled_at", "<=", query.through)
    return try request.rows(in: self, by: ["scheduled_at", "run", "attempt"]) { try $0.record() }
  }

  func summaries(_ query: RunQuery) throws -> [RunSummary] {
    guard query.run == nil, query.status ?? .succeeded == .succeeded else { return [] }
    var request = Request(query, of: "summaries")
    request.require("through_at", ">=", query.since)
    request.require("from_at", "<=", query.through)
    return try request.rows(in: self, by: ["through_at", "from_at", "job"]) { $0.summary() }
  }

  func decisions(_ query: RunQuery) throws -> [Decision] {
    guard query.status == nil else { return [] }
    var request = Request(query, of: "decisions")
    request.require("run", query.run)
    request.require("through_at", ">=", query.since)
    request.require("from_at", "<=", query.through)
    return try request.rows(in: self, by: ["through_at", "id"]) { try $0.decision() }
  }

  func jobs(script: String?, name: String?) throws -> [StoredJob] {
    var terms: [String] = []
    if name != nil { terms.append("name = ?") }
    if script != nil { terms.append("script = ?") }
    let condition = terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND ")
    let command = try Command("SELECT * FROM jobs \(condition)", in: self)
    if let name { command.put(name) }
    if let script { command.put(script) }
    return try command.rows { try $0.job() }
      .sorted { ($0.script, $0.name, $0.key) < ($1.script, $1.name, $1.key) }
  }

  func promises(of job: StoreKey) throws -> [StoredPromise] {
    let command = try Command("SELECT * FROM promises WHERE job = ?", in: self)
    command.put(job)
    return try command.rows { try $0.promise() }.sorted { $0.run < $1.run }
  }

  /// All that a host needs when it starts.
  func storedState(_ marks: Marks) throws -> StoredState {
    let running = """
      SELECT running.*, script, name FROM running CROSS JOIN jobs ON jobs.id = running.job
      """
    var states: [StoreKey: Value] = [:]
    try Command("SELECT job, value FROM states", in: self).run { row in
      states[row.key(0)] = try row.value(1)
    }
    return StoredState(
      jobs: try Command("SELECT * FROM jobs ORDER BY id", in: self).rows { try $0.job() },
      states: states,
      promises: try Command("SELECT * FROM promises", in: self).rows { try $0.promise() }
        .sorted { $0.run < $1.run },
      interrupted: try Command(running, in: self).rows { try $0.record() }
        .sorted { ($0.run, $0.attempt) < ($1.run, $1.attempt) },
      handledThrough: marks.handledThrough, lastRun: marks.lastRun, lastKey: marks.lastJob,
      lastDecision: marks.lastDecision, seed: marks.seed)
  }
}
