import MoonwheelModel
import Triggers

/// What the history of a job is made of.
protocol HistoryRow {
  var job: StoreKey { get }
  func named(script: String, name: String) -> Self
  func isOlder(than other: Self) -> Bool
  /// Whether it is what a query wants of a job.
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
      && query.wants(from: scheduledAt, through: scheduledAt)
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
      && query.wants(from: from, through: through)
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
      && query.wants(from: from, through: through)
  }
}

extension Array where Element: HistoryRow {
  /// Puts a row in its place: nearly always the last.
  mutating func put(_ row: Element) {
    let place = lastIndex { $0.isOlder(than: row) }.map { $0 + 1 } ?? startIndex
    insert(row, at: place)
  }

  @discardableResult
  mutating func removeLast(where isWanted: (Element) -> Bool) -> Element? {
    lastIndex(where: isWanted).map { remove(at: $0) }
  }

  /// Removes, and returns, the oldest of those that `isCounted` is true for, down to `count`.
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
  /// Whether any of the instants is wanted.
  fileprivate func wants(from: Timestamp, through last: Timestamp) -> Bool {
    (since.map { last >= $0 } ?? true) && (through.map { from <= $0 } ?? true)
  }
}
