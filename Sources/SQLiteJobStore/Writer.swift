import GRDB
import MoonwheelModel

/// Makes changes, in transactions.
final class Writer {
  let database: Database
  let pruning: PruneCommands
  private let changes: ChangeCommands
  private let begin: Command
  private let end: Command
  private let setMarks: Command
  private(set) var marks: Marks
  /// Jobs that may have more rows than their bounds allow: those with new ones since the file was opened.
  var unpruned: Set<StoreKey> = []
  /// Whether a commit waits for the disk.
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

  /// `check` comes last, and throws where the commit would be worth nothing. Without changes, the file is written to all
  /// the same, so that it is known whether that is possible.
  func commit(
    _ changes: [StoreChange], isDurable: Bool, check: () throws(Misplacement) -> Void = {}
  ) throws {
    try transaction(isDurable: isDurable) {
      for change in changes {
        try self.changes.make(change)
        marks.note(change)
        if let key = change.growing { unpruned.insert(key) }
      }
      if changes.isEmpty {
        marks.put(into: setMarks)
        try setMarks.run()
      }
      try check()
    }
  }

  /// All or nothing; afterwards, the store can be used again.
  func transaction(isDurable: Bool, _ body: () throws -> Void) throws {
    // Left open where a rollback failed.
    if database.isInsideTransaction { try Command("ROLLBACK", in: database).run() }
    try setSynchronous(isDurable)
    let before = marks
    do {
      try begin.run()
      try body()
      if marks != before {
        marks.put(into: setMarks)
        try setMarks.run()
      }
      try end.run()
    } catch {
      marks = before
      if database.isInsideTransaction { try Command("ROLLBACK", in: database).run() }
      throw error
    }
  }

  /// With FULL, the log is synced at each commit; with NORMAL, before it is taken into the file.
  private func setSynchronous(_ isWanted: Bool) throws {
    guard isSynchronous != isWanted else { return }
    try Command("PRAGMA synchronous = \(isWanted ? "FULL" : "NORMAL")", in: database).run()
    isSynchronous = isWanted
  }
}

extension StoreChange {
  /// The job that may have more rows now than its bounds allow.
  fileprivate var growing: StoreKey? {
    switch self {
    case .job(let job): job.key
    case .ended(let record): record.job
    case .summary(let summary): summary.job
    case .decision(let decision): decision.job
    case .status, .counts, .state, .orphaned, .forget, .pendingRun, .pendingRunStatus, .pendingRunEnded,
      .began, .decisionGrew, .handled, .seed, .sources, .forgetSources, .forgetSourcesOf:
      nil
    }
  }
}
