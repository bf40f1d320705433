import GRDB
import MoonwheelModel
import Triggers

/// Removes the oldest rows of a job's history that exceed its bounds. Rows of a time after `now` do not count.
struct PruneCommands {
  /// The most rows of one table that one step removes from a job.
  static let rows = 200

  private let bounds: Command
  private let removals: [Command]

  init(_ database: Database) throws {
    bounds = try Command(
      "SELECT history, failures, history, failures FROM jobs WHERE id = ?", in: database)
    removals = try Self.statements.map { try Command($0, in: database) }
  }

  /// For runs that succeeded, runs that failed, summaries and decisions. Parameters: job, now, how many rows to keep.
  static var statements: [String] {
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
  }

  /// Removes a bounded number of rows. Returns how many, and whether the job may have more to remove.
  func prune(
    _ key: StoreKey, at now: Timestamp, in database: Database
  ) throws -> (removed: Int, mayHaveMore: Bool) {
    var limits: [Int64] = []
    bounds.bind(key)
    try bounds.run { row in limits = (0..<4).map { max(0, row.integer($0)) } }
    var removed = 0
    var mayHaveMore = false
    for (command, limit) in zip(removals, limits) {
      command.bind(key)
      command.bind(now)
      command.bind(limit)
      try command.run()
      removed += database.changesCount
      mayHaveMore = mayHaveMore || database.changesCount == Self.rows
    }
    return (removed, mayHaveMore)
  }
}
