import MoonwheelModel
import Triggers

extension ChangeWriter {
  /// The most jobs that one step looks at. A step also ends after a few hundred removed rows.
  private static let jobsPerStep = 32

  /// Prunes a few jobs. Returns whether more may have to be pruned.
  func prune(at now: Timestamp) throws -> Bool {
    guard !unpruned.isEmpty else { return false }
    var done: [StoreKey] = []
    try transaction(isDurable: false) {
      var removed = 0
      for key in unpruned.prefix(Self.jobsPerStep) where removed < PruneCommands.rows {
        let step = try commands.prune(key, at: now)
        removed += step.removed
        if !step.mayHaveMore { done.append(key) }
      }
    }
    unpruned.subtract(done)
    return !unpruned.isEmpty
  }
}
