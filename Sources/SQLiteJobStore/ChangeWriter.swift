import GRDB
import JobStore
import MoonwheelModel

/// Writes changes to the file, in transactions.
final class ChangeWriter {
  let commands: PreparedCommands
  private let keys: KeyCommands
  /// The row of the marks, in a state without other rows.
  private(set) var marks: StoredState
  /// Jobs that may exceed the bounds of their history: those with new rows since the file was opened.
  var unpruned: Set<StoreKey> = []
  /// Whether a commit waits for the disk; nil before the first one.
  private var isSynchronous: Bool?

  init(_ database: Database) throws {
    commands = PreparedCommands(database)
    keys = KeyCommands(commands)
    marks = try StoredState(marksIn: database)
  }

  /// Calls `check` just before the commit; if it throws, nothing is changed. Writes to the file even without changes,
  /// which shows whether it can be written.
  func commit(
    _ changes: [StoreChange], isDurable: Bool, check: () throws(FilesChangedError) -> Void = {}
  ) throws {
    try transaction(isDurable: isDurable) {
      for change in changes {
        try commands.make(change)
        marks.updateMarks(for: change)
        noteNewHistory(of: change)
      }
      if changes.isEmpty { try marks.writeMarks(by: commands) }
      try check()
    }
  }

  /// Does commands on keys. Calls `check` just before the commit; if it throws, nothing is changed.
  func perform(
    _ batch: KeyBatch, check: () throws(FilesChangedError) -> Void = {}
  ) throws -> KeyOutcome {
    guard batch.mayWrite else { return try KeyTransaction.perform(batch, on: keys) }
    var outcome = KeyOutcome()
    try transaction(isDurable: true) {
      outcome = try KeyTransaction.perform(batch, on: keys)
      try check()
    }
    return outcome
  }

  private func noteNewHistory(of change: StoreChange) {
    if case .together(let changes) = change {
      for change in changes { noteNewHistory(of: change) }
    } else if let key = change.jobWithNewHistory {
      unpruned.insert(key)
    }
  }

  /// If `body` throws, nothing is changed, and the store can be used again.
  func transaction(isDurable: Bool, _ body: () throws -> Void) throws {
    // A rollback that failed has left the transaction open.
    try commands.rollBack()
    try setSynchronous(isDurable)
    let before = marks
    do {
      try commands.transaction {
        try body()
        if marks != before { try marks.writeMarks(by: commands) }
      }
    } catch {
      marks = before
      throw error
    }
  }

  /// With FULL, SQLite syncs the log at each commit; with NORMAL, only before it copies the log into the file.
  private func setSynchronous(_ isWanted: Bool) throws {
    guard isSynchronous != isWanted else { return }
    // Not a kept command: SQLite sets it when it prepares the command, not when it runs it.
    try Command("PRAGMA synchronous = \(isWanted ? "FULL" : "NORMAL")", in: commands.database).run()
    isSynchronous = isWanted
  }
}

extension StoreChange {
  /// The job whose history may exceed its bounds after this change.
  fileprivate var jobWithNewHistory: StoreKey? {
    switch self {
    case .job(let job): job.key
    case .adopt(_, let key): key
    case .ended(let record): record.job
    case .summary(let summary): summary.job
    case .decision(let decision): decision.job
    case .status, .counts, .state, .orphaned, .forget, .pendingRun, .pendingRunStatus,
      .pendingRunEnded,
      .began, .decisionGrew, .handled, .seed, .sources, .forgetSources, .forgetSourcesOf,
      .ending, .afterRun, .afterRunDone, .together:
      nil
    }
  }
}
