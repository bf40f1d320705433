import GRDB
import MoonwheelModel
import Triggers

/// A SELECT of the rows of one history table that match a query, newest first, with the script and name of the job.
///
/// For a job or a time, SQLite reads no more rows than the limit, because an index has them in order. For a script or
/// name, it finds the jobs first, and sorts their rows.
struct HistorySelect {
  private enum Argument {
    case integer(Int64)
    case text(String)
  }

  private let table: String
  /// The columns to sort by, greatest first.
  private let order: [String]
  private let limit: Int
  private let beginsWithJobs: Bool
  private var terms: [String] = []
  private var arguments: [Argument] = []

  private init(_ query: RunQuery, of table: String, by order: [String]) {
    self.table = table
    self.order = order
    limit = query.limit
    beginsWithJobs = query.job == nil && (query.script ?? query.name) != nil
    add("\(table).job = ?", query.job.map { .integer($0.rawValue) })
    add("jobs.script = ?", query.script.map { .text($0) })
    add("jobs.name = ?", query.name.map { .text($0) })
  }

  private mutating func require(_ column: String, _ comparison: String = "=", _ instant: Timestamp?)
  {
    add("\(table).\(column) \(comparison) ?", instant.map { .integer($0.nanoseconds) })
  }

  private mutating func require(_ column: String, _ run: Run.ID?) {
    add("\(table).\(column) = ?", run.map { .integer(Int64(bitPattern: $0.rawValue)) })
  }

  private mutating func require(_ column: String, _ text: String?) {
    add("\(table).\(column) = ?", text.map { .text($0) })
  }

  private mutating func add(_ term: String, _ argument: Argument?) {
    guard let argument else { return }
    terms.append(term)
    arguments.append(argument)
  }

  func rows<Result>(
    in database: Database, _ read: (Command.Row) throws -> Result
  ) throws -> [Result] {
    try command(sql, in: database).rows(read)
  }

  /// The steps in which SQLite would find the rows.
  func plan(in database: Database) throws -> [String] {
    try command("EXPLAIN QUERY PLAN " + sql, in: database).rows { $0.text(3) }
  }

  private func command(_ sql: String, in database: Database) throws -> Command {
    let command = try Command(sql, in: database)
    for argument in arguments {
      switch argument {
      case .integer(let integer): command.bind(integer)
      case .text(let text): command.bind(text)
      }
    }
    // SQLite takes a negative limit for none.
    command.bind(max(0, limit))
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
    request.require("status", query.status?.rawValue)
    request.require("scheduled_at", ">=", query.since)
    request.require("scheduled_at", "<=", query.through)
    return request
  }

  /// Nil if no summary can match.
  static func summaries(_ query: RunQuery) -> HistorySelect? {
    guard query.run == nil, query.status ?? .succeeded == .succeeded else { return nil }
    var request = HistorySelect(query, of: "summaries", by: ["through_at", "from_at", "job"])
    request.require("through_at", ">=", query.since)
    request.require("from_at", "<=", query.through)
    return request
  }

  /// Nil if no decision can match.
  static func decisions(_ query: RunQuery) -> HistorySelect? {
    guard query.status == nil else { return nil }
    var request = HistorySelect(query, of: "decisions", by: ["through_at", "id"])
    request.require("run", query.run)
    request.require("through_at", ">=", query.since)
    request.require("from_at", "<=", query.through)
    return request
  }
}
