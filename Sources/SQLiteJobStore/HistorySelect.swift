import GRDB
import MoonwheelModel

/// A SELECT of the rows of one history table that match a query, newest first, with the script and name of the job.
///
/// For a job or a time, SQLite reads no more rows than the limit, because an index has them in order. For a script or
/// name, it finds the jobs first, and sorts their rows.
struct HistorySelect {
  private let table: String
  /// The columns to sort by, greatest first.
  private let order: [String]
  private let limit: Int
  private let beginsWithJobs: Bool
  private var terms: [String] = []
  private var arguments: [any ColumnValue] = []

  private init(_ query: RunQuery, of table: String, by order: [String]) {
    self.table = table
    self.order = order
    limit = query.limit
    beginsWithJobs = query.job == nil && (query.script ?? query.name) != nil
    require("job", query.job)
    require("script", of: "jobs", query.script)
    require("name", of: "jobs", query.name)
  }

  private mutating func require(
    _ column: String, of other: String? = nil, is comparison: String = "=",
    _ value: (some ColumnValue)?
  ) {
    guard let value else { return }
    terms.append("\(other ?? table).\(column) \(comparison) ?")
    arguments.append(value)
  }

  /// Requires one of several values; nil matches everything.
  private mutating func require(_ column: String, in values: [some ColumnValue]?) {
    guard let values else { return }
    let places = values.map { _ in "?" }.joined(separator: ", ")
    terms.append("\(table).\(column) IN (\(places))")
    arguments += values
  }

  func rows<Result>(
    in database: Database, _ read: (Command.Row) throws -> Result
  ) throws -> [Result] {
    try command(sql, in: database).rows(read: read)
  }

  /// The steps in which SQLite would find the rows.
  func plan(in database: Database) throws -> [String] {
    try command("EXPLAIN QUERY PLAN " + sql, in: database).rows { $0.text(3) }
  }

  private func command(_ sql: String, in database: Database) throws -> Command {
    let command = try Command(sql, in: database)
    for argument in arguments { argument.bind(to: command) }
    // SQLite takes a negative limit for none.
    max(0, limit).bind(to: command)
    return command
  }

  /// `CROSS JOIN` makes SQLite read the tables in this order.
  private var sql: String {
    let tables =
      beginsWithJobs
      ? "jobs CROSS JOIN \(table) ON \(table).job = jobs.id"
      : "\(table) CROSS JOIN jobs ON jobs.id = \(table).job"
    let condition = terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND ")
    let order = order.map { "\(table).\($0) DESC" }.joined(separator: ", ")
    return """
      SELECT \(table).*, jobs.script, jobs.name FROM \(tables) \(condition) ORDER BY \(order) LIMIT ?
      """
  }
}

extension HistorySelect {
  /// `table` is `runs` for runs that have ended, or `running`.
  static func runs(_ query: RunQuery, in table: String) -> HistorySelect {
    var request = HistorySelect(query, of: table, by: ["scheduled_at", "run", "attempt"])
    request.require("run", query.run)
    request.require("status", in: query.statuses?.sorted { $0.rawValue < $1.rawValue })
    request.require("scheduled_at", is: ">=", query.since)
    request.require("scheduled_at", is: "<=", query.through)
    return request
  }

  /// Nil if no summary can match.
  static func summaries(_ query: RunQuery) -> HistorySelect? {
    guard query.run == nil, query.statuses?.contains(.succeeded) ?? true else { return nil }
    var request = HistorySelect(query, of: "summaries", by: ["through_at", "from_at", "job"])
    request.require("through_at", is: ">=", query.since)
    request.require("from_at", is: "<=", query.through)
    return request
  }

  /// Nil if no decision can match.
  static func decisions(_ query: RunQuery) -> HistorySelect? {
    guard query.statuses == nil else { return nil }
    var request = HistorySelect(query, of: "decisions", by: ["through_at", "id"])
    request.require("run", query.run)
    request.require("through_at", is: ">=", query.since)
    request.require("from_at", is: "<=", query.through)
    return request
  }
}
