import MoonwheelModel
import Triggers

/// A row of a job's history.
package protocol HistoryRow {
  var key: HistoryKey { get }
  var job: StoreKey { get set }
  /// Of the job. A store fills them in when it reads the row.
  var script: String { get set }
  var name: String { get set }
  func isOlder(than other: Self) -> Bool
  /// Whether the query, apart from its job, wants the row.
  func matches(_ query: RunQuery) -> Bool
  /// About how many bytes of memory it takes.
  var footprint: Int { get }
}

extension HistoryRow {
  /// The row with the script and the name of its job.
  package func of(_ job: StoredJob) -> Self {
    var row = self
    row.script = job.script
    row.name = job.name
    return row
  }
}

extension RunRecord: HistoryRow {
  package var footprint: Int {
    let failure = failure.map {
      Value.footprint(of: $0.message) + Value.footprint(of: $0.traceback) + $0.data.footprint
    }
    let lines = log.reduce(0) {
      $0 + MemoryLayout<LogLine>.stride + Value.footprint(of: $1.message)
        + ($1.fields?.footprint ?? 0)
    }
    return 440 + result.footprint + (failure ?? 0) + lines + (cause?.input.footprint ?? 0)
  }

  /// Without its hold on the script's memory: what a store in memory keeps has a bound of its own.
  package var released: RunRecord {
    var record = self
    record.hold = .none
    record.failure?.hold = .none
    return record
  }

  package var key: HistoryKey { .run(run, attempt: attempt) }

  package func isOlder(than other: RunRecord) -> Bool {
    (scheduledAt, run, attempt) < (other.scheduledAt, other.run, other.attempt)
  }

  package func matches(_ query: RunQuery) -> Bool {
    (query.run.map { $0 == run } ?? true) && (query.statuses?.contains(status) ?? true)
      && query.overlaps(from: scheduledAt, through: scheduledAt)
  }
}

extension RunSummary: HistoryRow {
  package var footprint: Int { 300 }
  package var key: HistoryKey { .summary(of: job, from: from) }

  package func isOlder(than other: RunSummary) -> Bool {
    (through, from, job) < (other.through, other.from, other.job)
  }

  package func matches(_ query: RunQuery) -> Bool {
    query.run == nil && query.statuses?.contains(.succeeded) ?? true
      && query.overlaps(from: from, through: through)
  }
}

extension Decision: HistoryRow {
  package var footprint: Int { 300 + Value.footprint(of: reason) }
  package var key: HistoryKey { .decision(id) }

  package func isOlder(than other: Decision) -> Bool { (through, id) < (other.through, other.id) }

  package func matches(_ query: RunQuery) -> Bool {
    (query.run == nil || query.run == run) && query.statuses == nil
      && query.overlaps(from: from, through: through)
  }
}

extension RunQuery {
  /// Whether the time of the query overlaps these instants.
  fileprivate func overlaps(from: Timestamp, through last: Timestamp) -> Bool {
    (since.map { last >= $0 } ?? true) && (through.map { from <= $0 } ?? true)
  }
}
