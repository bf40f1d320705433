import GRDB
import JobStore
import MoonwheelModel

/// The queries of `JobStore`.
extension Database {
  func runs(_ query: RunQuery) throws -> [RunRecord] {
    // Enough rows to find out which fit.
    var left = max(1, query.bytes)
    let found = try ["running", "runs"].flatMap { table in
      try HistorySelect.runs(query, in: table).rows(in: self) { row -> RunRecord? in
        guard left > 0 else { return nil }
        let record = try row.record()
        left -= min(left, record.footprint)
        return record
      }.compactMap { $0 }
    }
    return found.sorted { $1.isOlder(than: $0) }.prefix(max(0, query.limit))
      .first(\.footprint, upTo: query.bytes)
  }

  func summaries(_ query: RunQuery) throws -> [RunSummary] {
    try HistorySelect.summaries(query)?.rows(in: self) { try $0.summary() } ?? []
  }

  func decisions(_ query: RunQuery) throws -> [Decision] {
    try HistorySelect.decisions(query)?.rows(in: self) { try $0.decision() } ?? []
  }

  func jobs(script: String?, name: String?) throws -> [StoredJob] {
    var terms: [String] = []
    if name != nil { terms.append("name = ?") }
    if script != nil { terms.append("script = ?") }
    let condition = terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND ")
    let command = try Command("SELECT * FROM jobs \(condition)", in: self)
    name?.bind(to: command)
    script?.bind(to: command)
    return try command.rows { try $0.job() }
      .sorted { ($0.script, $0.name, $0.key) < ($1.script, $1.name, $1.key) }
  }

  func pendingRuns(of job: StoreKey) throws -> [PendingRun] {
    let command = try Command("SELECT * FROM promises WHERE job = ?", in: self)
    return try command.rows(job) { try $0.pendingRun() }.sorted { $0.run < $1.run }
  }

  /// The state that a host starts with.
  func storedState(_ marks: StoredState) throws -> StoredState {
    let running = """
      SELECT running.*, script, name FROM running CROSS JOIN jobs ON jobs.id = running.job
      """
    var state = marks
    state.jobs = try Command("SELECT * FROM jobs ORDER BY id", in: self).rows { try $0.job() }
    try Command("SELECT job, value FROM states", in: self).run { row in
      state.states[try row[0]] = try row[1] as Value
    }
    state.pendingRuns = try Command("SELECT * FROM promises", in: self)
      .rows { try $0.pendingRun() }.sorted { $0.run < $1.run }
    state.afterRuns = try Command("SELECT * FROM leftovers ORDER BY id", in: self)
      .rows { try $0.afterRun() }
    state.interrupted = try Command(running, in: self).rows { try $0.record() }
      .sorted { ($0.run, $0.attempt) < ($1.run, $1.attempt) }
    return state
  }
}
