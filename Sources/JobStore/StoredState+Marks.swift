import MoonwheelModel

extension StoredState {
  /// Updates what outlives the rows: the highest numbers, the seed, and the time up to which fires are handled.
  package mutating func updateMarks(for change: StoreChange) {
    switch change {
    case .job(let job): lastKey = max(lastKey, job.key)
    case .pendingRun(let pending): lastRun = max(lastRun, pending.run)
    case .began(let record), .ended(let record): lastRun = max(lastRun, record.run)
    case .decision(let decision): lastDecision = max(lastDecision, decision.id)
    case .handled(let through): handledThrough = through
    case .seed(let seed): self.seed = seed
    case .together(let changes): for change in changes { updateMarks(for: change) }
    case .status, .counts, .state, .orphaned, .adopt, .forget, .pendingRunStatus, .pendingRunEnded,
      .summary,
      .decisionGrew, .sources, .forgetSources, .forgetSourcesOf, .ending, .afterRun, .afterRunDone:
      break
    }
  }
}
