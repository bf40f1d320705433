import MoonwheelModel
import Triggers

/// The highest numbers that a store has seen. They outlive the rows that had these numbers.
package struct Marks: Hashable {
  package var handledThrough: Timestamp?
  package var lastRun = Run.ID(rawValue: 0)
  package var lastJob = StoreKey.none
  package var lastDecision = Decision.ID(rawValue: 0)
  package var seed: UInt64?

  package init() {}

  package mutating func update(for change: StoreChange) {
    switch change {
    case .job(let job): lastJob = max(lastJob, job.key)
    case .pendingRun(let pending): lastRun = max(lastRun, pending.run)
    case .began(let record), .ended(let record): lastRun = max(lastRun, record.run)
    case .decision(let decision): lastDecision = max(lastDecision, decision.id)
    case .handled(let through): handledThrough = through
    case .seed(let seed): self.seed = seed
    case .status, .counts, .state, .orphaned, .forget, .pendingRunStatus, .pendingRunEnded,
      .summary,
      .decisionGrew, .sources, .forgetSources, .forgetSourcesOf:
      break
    }
  }

  /// The state of a store without rows.
  package var state: StoredState {
    var state = StoredState()
    state.handledThrough = handledThrough
    state.lastRun = lastRun
    state.lastKey = lastJob
    state.lastDecision = lastDecision
    state.seed = seed
    return state
  }
}
