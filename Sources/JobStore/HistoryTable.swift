import MoonwheelModel

/// The rows of one kind of all jobs.
struct HistoryTable<Row: HistoryRow> {
  /// Oldest first.
  private var rows: [StoreKey: [Row]] = [:]
  private var jobs: [HistoryKey: StoreKey] = [:]
  /// Runs that have left something that has not ended; some may be gone.
  fileprivate var ending: Set<HistoryKey> = []
  /// About how much memory the rows take.
  private(set) var bytes = 0

  var count: Int { jobs.count }

  func contains(_ key: HistoryKey) -> Bool { jobs[key] != nil }

  func rows(of job: StoreKey) -> [Row] { rows[job] ?? [] }

  /// Adds a row, or replaces the one with its key. Returns whether it is new.
  @discardableResult
  mutating func put(_ row: Row) -> Bool {
    let isNew = remove(row.key) == nil
    // A new row is nearly always the newest, so the search begins at the end.
    let older = rows[row.job]?.lastIndex { $0.isOlder(than: row) }
    rows[row.job, default: []].insert(row, at: older.map { $0 + 1 } ?? 0)
    jobs[row.key] = row.job
    bytes += row.footprint
    return isNew
  }

  @discardableResult
  mutating func remove(_ key: HistoryKey) -> Row? {
    guard let job = jobs.removeValue(forKey: key),
      let index = rows[job]?.lastIndex(where: { $0.key == key })
    else { return nil }
    let row = rows[job]?.remove(at: index)
    bytes -= row?.footprint ?? 0
    return row
  }

  /// Changes the row of a key, if there is one.
  mutating func change(_ key: HistoryKey, _ body: (inout Row) -> Void) {
    guard let job = jobs[key], let index = rows[job]?.lastIndex(where: { $0.key == key }) else {
      return
    }
    bytes -= rows[job]?[index].footprint ?? 0
    if rows[job] != nil { body(&rows[job, default: []][index]) }
    bytes += rows[job]?[index].footprint ?? 0
  }

  mutating func removeAll(of job: StoreKey) {
    for row in rows.removeValue(forKey: job) ?? [] {
      jobs[row.key] = nil
      bytes -= row.footprint
    }
  }

  /// Removes the oldest rows of a job for which `isCounted` is true until `count` of them are left.
  mutating func keepNewest(_ count: Int, of job: StoreKey, _ isCounted: (Row) -> Bool) {
    guard rows(of: job).count > count else { return }
    var excess = rows(of: job).count(where: isCounted) - max(0, count)
    guard excess > 0 else { return }
    rows[job]?.removeAll { row in
      guard excess > 0, isCounted(row) else { return false }
      excess -= 1
      jobs[row.key] = nil
      bytes -= row.footprint
      return true
    }
  }
}

extension HistoryTable<RunRecord> {
  mutating func setEnding(_ label: String?, of run: Run.ID, _ attempt: Int32) {
    let key = HistoryKey.run(run, attempt: attempt)
    change(key) { $0.ending = label }
    if label == nil { ending.remove(key) } else if contains(key) { ending.insert(key) }
  }

  mutating func endAll() {
    for key in ending { change(key) { $0.ending = nil } }
    ending = []
  }
}
