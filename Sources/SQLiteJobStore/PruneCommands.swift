import GRDB
import MoonwheelModel
import Triggers

/// Removes the oldest rows of a job's history that exceed its bounds. Rows of a time after `now` do not count.
enum PruneCommands {
  /// The most rows of one table that one step removes from a job.
  static let rows = 200

  /// For runs that succeeded, runs that failed, summaries and decisions. Parameters: job, now, how many rows to keep.
  static let statements: [String] = {
    let good = RunStatus.allCases.filter(\.isGood).map { "'\($0.rawValue)'" }
      .joined(separator: ", ")
    let run = "scheduled_at DESC, run DESC, attempt DESC"
    func removal(_ table: String, _ key: String, _ condition: String, by order: String) -> String {
      let time = order.prefix { $0 != " " }
      return """
        DELETE FROM \(table) WHERE (\(key)) IN (
          SELECT \(key) FROM \(table) WHERE job = ? AND \(time) <= ? \(condition)
          ORDER BY \(order) LIMIT \(rows) OFFSET ?)
        """
    }
    return [
      removal("runs", "rowid", "AND status IN (\(good))", by: run),
      removal("runs", "rowid", "AND status NOT IN (\(good))", by: run),
      removal("summaries", "job, from_at", "", by: "through_at DESC, from_at DESC"),
      removal("decisions", "id", "", by: "through_at DESC, id DESC"),
    ]
  }()
}

extension PreparedCommands {
  /// Removes a bounded number of rows. Returns how many, and whether the job may have more to remove.
  func prune(_ key: StoreKey, at now: Timestamp) throws -> (removed: Int, mayHaveMore: Bool) {
    let bounds = try self("SELECT history, failures FROM jobs WHERE id = ?").rows(key) { row in
      (history: max(0, row.integer(0)), failures: max(0, row.integer(1)))
    }
    guard let (history, failures) = bounds.first else { return (0, false) }
    var removed = 0
    var mayHaveMore = false
    for (sql, limit) in zip(PruneCommands.statements, [history, failures, history, failures]) {
      try run(sql, key, now, limit)
      removed += database.changesCount
      mayHaveMore = mayHaveMore || database.changesCount == PruneCommands.rows
    }
    return (removed, mayHaveMore)
  }
}
