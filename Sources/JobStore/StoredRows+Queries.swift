import MoonwheelModel

extension StoredRows {
  func runs(_ query: RunQuery) -> [RunRecord] { newest(query, runs, underWay) }

  func summaries(_ query: RunQuery) -> [RunSummary] { newest(query, summaries) }

  func decisions(_ query: RunQuery) -> [Decision] { newest(query, decisions) }

  func jobs(script: String?, name: String?) -> [StoredJob] {
    let query = RunQuery(script: script, name: name)
    return rows.values.lazy.map(\.job).filter { query.matches($0) }.sorted {
      ($0.script, $0.name, $0.key) < ($1.script, $1.name, $1.key)
    }
  }

  /// The row with the script and the name of its job.
  func named<History: HistoryRow>(_ row: History) -> History {
    rows[row.job].map { row.of($0.job) } ?? row
  }

  private func newest<History: HistoryRow>(
    _ query: RunQuery, _ tables: HistoryTable<History>...
  ) -> [History] {
    guard query.limit > 0 else { return [] }
    let jobs = query.job.map { key in rows[key].map { [$0] } ?? [] } ?? Array(rows.values)
    let wanted = jobs.filter { query.matches($0.job) }
    let found = tables.flatMap { table in wanted.flatMap { table.rows(of: $0.job.key) } }
    return found.filter { $0.matches(query) }.sorted { $1.isOlder(than: $0) }
      .prefix(query.limit).first(\.footprint, upTo: query.bytes).map(named)
  }
}

extension RunQuery {
  fileprivate func matches(_ job: StoredJob) -> Bool {
    (self.job.map { $0 == job.key } ?? true) && isEqual(script, job.script)
      && isEqual(name, job.name)
  }

  /// Compares bytes, as Lua does; Swift would find names equal that differ in Unicode normalisation.
  private func isEqual(_ wanted: String?, _ name: String) -> Bool {
    wanted.map { $0.utf8.elementsEqual(name.utf8) } ?? true
  }
}
