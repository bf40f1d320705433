import GRDB
import MoonwheelCore
import Triggers

/// A command for the rows of one table of the history that a query wants, newest first, with script and name of the job.
///
/// By job or by time, an index has the rows in order, and as many are read as are wanted. By name, the jobs are found
/// first, and their rows are sorted.
struct Request {
  private enum Argument {
    case integer(Int64)
    case text(String)
  }

  private let table: String
  private let limit: Int
  private let beginsWithJobs: Bool
  private var terms: [String] = []
  private var arguments: [Argument] = []

  init(_ query: RunQuery, of table: String) {
    self.table = table
    limit = query.limit
    beginsWithJobs = query.job == nil && (query.script ?? query.name) != nil
    add("\(table).job = ?", query.job.map { .integer($0.rawValue) })
    add("jobs.script = ?", query.script.map { .text($0) })
    add("jobs.name = ?", query.name.map { .text($0) })
  }

  mutating func require(_ column: String, _ comparison: String = "=", _ instant: Timestamp?) {
    add("\(table).\(column) \(comparison) ?", instant.map { .integer($0.nanoseconds) })
  }

  mutating func require(_ column: String, _ run: Run.ID?) {
    add("\(table).\(column) = ?", run.map { .integer(Int64(bitPattern: $0.rawValue)) })
  }

  mutating func require(_ column: String, _ text: String?) {
    add("\(table).\(column) = ?", text.map { .text($0) })
  }

  private mutating func add(_ term: String, _ argument: Argument?) {
    guard let argument else { return }
    terms.append(term)
    arguments.append(argument)
  }

  /// What there is, by the columns that rows are ordered by.
  func rows<Result>(
    in database: Database, by order: [String], _ read: (Command.Row) throws -> Result
  ) throws -> [Result] {
    // A negative limit would be none.
    guard limit > 0 else { return [] }
    // CROSS keeps the tables in this order.
    let tables =
      beginsWithJobs
      ? "jobs CROSS JOIN \(table) ON \(table).job = jobs.id"
      : "\(table) CROSS JOIN jobs ON jobs.id = \(table).job"
    let condition = terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND ")
    let order = order.map { "\(table).\($0) DESC" }.joined(separator: ", ")
    let command = try Command(
      """
      SELECT \(table).*, jobs.script, jobs.name FROM \(tables) \(condition) ORDER BY \(order) LIMIT ?
      """, in: database)
    for argument in arguments {
      switch argument {
      case .integer(let integer): command.put(integer)
      case .text(let text): command.put(text)
      }
    }
    command.put(limit)
    return try command.rows(read)
  }
}
