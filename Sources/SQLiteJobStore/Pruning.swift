import GRDB
import MoonwheelModel
import Triggers

/// Removes what the history of a job has beyond its bounds: the oldest rows. Those of a later time than now do not count.
struct PruneCommands {
  /// How many rows of a table are removed of a job at once.
  static let rows = 200

  private let bounds: Command
  private let removals: [Command]

  init(_ database: Database) throws {
    bounds = try Command(
      "SELECT history, failures, history, failures FROM jobs WHERE id = ?", in: database)
    removals = try Self.statements.map { try Command($0, in: database) }
  }

  /// For runs that ended well, runs that failed, sums, and decisions: of a job, beyond so many.
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

  /// Removes a bounded number of rows of a job. Returns how many, and whether it may have more.
  func prune(
    _ key: StoreKey, at now: Timestamp, in database: Database
  ) throws -> (removed: Int, mayHaveMore: Bool) {
    var limits: [Int64] = []
    bounds.put(key)
    try bounds.run { row in limits = (0..<4).map { max(0, row.integer($0)) } }
    var removed = 0
    var mayHaveMore = false
    for (command, limit) in zip(removals, limits) {
      command.put(key)
      command.put(now)
      command.put(limit)
      try command.run()
      removed += database.changesCount
      mayHaveMore = mayHaveMore || database.changesCount == Self.rows
    }
    return (removed, mayHaveMore)
  }
}

extension Writer {
  /// A step looks at no more jobs than this, and ends when it has removed a few hundred rows.
  private static let jobsPerStep = 32

  /// Whether there may be more to do.
  func prune(at now: Timestamp) throws -> Bool {
    guard !unpruned.isEmpty else { return false }
    var done: [StoreKey] = []
    try transaction(isDurable: false) {
      var removed = 0
      for key in unpruned.prefix(Self.jobsPerStep) where removed < PruneCommands.rows {
        let step = try pruning.prune(key, at: now, in: database)
        removed += step.removed
        if !step.mayHaveMore { done.append(key) }
      }
    }
    unpruned.subtract(done)
    return !unpruned.isEmpty
  }
}
