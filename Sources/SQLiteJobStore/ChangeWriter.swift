import GRDB
import MoonwheelModel

/// Writes changes to the file, in transactions.
final class ChangeWriter {
  let database: Database
  let pruning: PruneCommands
  private let changes: ChangeCommands
  private let begin: Command
  private let end: Command
  private let setMarks: Command
  private(set) var marks: Marks
  /// Jobs that may exceed the bounds of their history: those with new rows since the file was opened.
  var unpruned: Set<StoreKey> = []
  /// Whether a commit waits for the disk; nil before the first one.
  private var isSynchronous: Bool?

  init(_ database: Database) throws {
    self.database = database
    changes = try ChangeCommands(database)
    pruning = try PruneCommands(database)
    begin = try Command("BEGIN IMMEDIATE", in: database)
    end = try Command("COMMIT", in: database)
    setMarks = try Marks.command(in: database)
    marks = try Marks(database)
  }

  /// Calls `check` just before the commit; if it throws, nothing is changed. Writes to the file even without changes,
  /// which shows whether it can be written.
  func commit(
    _ changes: [StoreChange], isDurable: Bool, check: () throws(FilesChangedError) -> Void = {}
  ) throws {
    try transaction(isDurable: isDurable) {
      for change in changes {
        try self.changes.make(change)
        marks.update(for: change)
        if let key = change.jobWithNewHistory { unpruned.insert(key) }
      }
      if changes.isEmpty {
        marks.bind(to: setMarks)
        try setMarks.run()
      }
      try check()
    }
  }

  /// If `body` throws, nothing is changed, and the store can be used again.
  func transaction(isDurable: Bool, _ body: () throws -> Void) throws {
    // A rollback that failed has left the transaction open.
    if database.isInsideTransaction { try Command("ROLLBACK", in: database).run() }
    try setSynchronous(isDurable)
    let before = marks
    do {
      try begin.run()
      try body()
      if marks != before {
        marks.bind(to: setMarks)
        try setMarks.run()
      }
      try end.run()
    } catch {
      marks = before
      if database.isInsideTransaction { try Command("ROLLBACK", in: database).run() }
      throw error
    }
  }

  /// With FULL, SQLite syncs the log at each commit; with NORMAL, only before it copies the log into the file.
  private func setSynchronous(_ isWanted: Bool) throws {
    guard isSynchronous != isWanted else { return }
    try Command("PRAGMA synchronous = \(isWanted ? "FULL" : "NORMAL")", in: database).run()
    isSynchronous = isWanted
  }
}

extension StoreChange {
  /// The job whose history may exceed its bounds after this change.
  fileprivate var jobWithNewHistory: StoreKey? {
    switch self {
    case .job(let job): job.key
    case .ended(let record): record.job
    case .summary(let summary): summary.job
    case .decision(let decision): decision.job
    case .status, .counts, .state, .orphaned, .forget, .pendingRun, .pendingRunStatus,
      .pendingRunEnded,
      .began, .decisionGrew, .handled, .seed, .sources, .forgetSources, .forgetSourcesOf:
      nil
    }
  }
}
