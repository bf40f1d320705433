import GRDB
import MoonwheelModel

/// The row of the marks: what outlives the other rows.
extension StoredState {
  /// A state without jobs, runs and decisions.
  init(marksIn database: Database) throws {
    self.init()
    try Command(
      "SELECT handled_through, last_run, last_job, last_decision, seed FROM marks", in: database
    ).run { row in
      handledThrough = try row[0]
      lastRun = try row[1]
      lastKey = try row[2]
      lastDecision = try row[3]
      seed = try row[4]
    }
  }

  func writeMarks(by commands: PreparedCommands) throws {
    try commands.run(
      """
      UPDATE marks SET handled_through = ?, last_run = ?, last_job = ?, last_decision = ?, seed = ?
      """, handledThrough, lastRun, lastKey, lastDecision, seed)
  }
}
