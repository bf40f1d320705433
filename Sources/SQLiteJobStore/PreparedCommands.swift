import GRDB

/// The commands of a connection. Each is prepared when it is first used, and kept.
final class PreparedCommands {
  /// Its hash is the length of the text: that costs less than to hash all of it, and few commands have the same.
  private struct SQL: Hashable {
    let text: String
    func hash(into hasher: inout Hasher) { hasher.combine(text.utf8.count) }
  }

  let database: Database
  private var commands: [SQL: Command] = [:]

  init(_ database: Database) { self.database = database }

  func callAsFunction(_ sql: String) throws -> Command {
    if let command = commands[SQL(text: sql)] { return command }
    let command = try Command(sql, in: database)
    commands[SQL(text: sql)] = command
    return command
  }

  func run<each Value: ColumnValue>(_ sql: String, _ values: repeat each Value) throws {
    try self(sql).run(repeat each values)
  }

  /// If `body` throws, nothing is changed, and the store can be used again.
  func transaction(_ body: () throws -> Void) throws {
    try run("BEGIN IMMEDIATE")
    do {
      try body()
      try run("COMMIT")
    } catch {
      try rollBack()
      throw error
    }
  }

  func rollBack() throws {
    if database.isInsideTransaction { try run("ROLLBACK") }
  }
}
