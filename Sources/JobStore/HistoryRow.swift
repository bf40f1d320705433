import MoonwheelModel
import Triggers

/// A row of a job's history.
protocol HistoryRow {
  var job: StoreKey { get }
  /// The row with the script and the name of its job.
  func named(script: String, name: String) -> Self
  func isOlder(than other: Self) -> Bool
  /// Whether the query, apart from its job, wants the row.
  func matches(_ query: RunQuery) -> Bool
}

extension RunRecord: HistoryRow {
  func named(script: String, name: String) -> RunRecord {
    var record = self
    record.script = script
    record.name = name
    return record
  }

  func isOlder(than other: RunRecord) -> Bool {
    (scheduledAt, run, attempt) < (other.scheduledAt, other.run, other.attempt)
  }

  func matches(_ query: RunQuery) -> Bool {
    (query.run.map { $0 == run } ?? true) && (query.status.map { $0 == status } ?? true)
      && query.overlaps(from: scheduledAt, through: scheduledAt)
  }
}

extension RunSummary: HistoryRow {
  func named(script: String, name: String) -> RunSummary {
    var summary = self
    summary.script = script
    summary.name = name
    return summary
  }

  func isOlder(than other: RunSummary) -> Bool {
    (through, from, job) < (other.through, other.from, other.job)
  }

  func matches(_ query: RunQuery) -> Bool {
    query.run == nil && query.status ?? .succeeded == .succeeded
      && query.overlaps(from: from, through: through)
  }
}

extension Decision: HistoryRow {
  func named(script: String, name: String) -> Decision {
    var decision = self
    decision.script = script
    decision.name = name
    return decision
  }

  func isOlder(than other: Decision) -> Bool { (through, id) < (other.through, other.id) }

  func matches(_ query: RunQuery) -> Bool {
    (query.run == nil || query.run == run) && query.status == nil
      && query.overlaps(from: from, through: through)
  }
}

extension Array where Element: HistoryRow {
  /// Keeps the rows sorted, oldest first. A new row is nearly always the newest, so the search begins at the end.
  mutating func insertInOrder(_ row: Element) {
    let index = lastIndex { $0.isOlder(than: row) }.map { $0 + 1 } ?? startIndex
    insert(row, at: index)
  }

  @discardableResult
  mutating func removeLast(where isWanted: (Element) -> Bool) -> Element? {
    lastIndex(where: isWanted).map { remove(at: $0) }
  }

  /// Removes the oldest rows for which `isCounted` is true until `count` of them are left. Returns the removed rows.
  mutating func keepNewest(_ count: Int, of isCounted: (Element) -> Bool) -> [Element] {
    guard self.count > count else { return [] }
    var excess = self.count(where: isCounted) - Swift.max(0, count)
    guard excess > 0 else { return [] }
    var removed: [Element] = []
    removeAll { row in
      guard excess > 0, isCounted(row) else { return false }
      excess -= 1
      removed.append(row)
      return true
    }
    return removed
  }
}

extension RunQuery {
  /// Whether the time of the query overlaps these instants.
  fileprivate func overlaps(from: Timestamp, through last: Timestamp) -> Bool {
    (since.map { last >= $0 } ?? true) && (through.map { from <= $0 } ?? true)
  }
}
