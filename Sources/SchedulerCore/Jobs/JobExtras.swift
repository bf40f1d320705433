import MoonwheelModel
import Triggers

/// Properties that most jobs do not need. One core owns each object.
final class JobExtras {
  /// The newest decision of each kind, whose counts may still grow. The newest of all is last.
  var decisions: [GrowingDecision] = []
  /// `run.state`.
  private(set) var state: Value?
  /// For `state`.
  private(set) var stateHold = MemoryHold.none
  /// For a trigger that a run has set.
  var triggerHold = MemoryHold.none
  /// The run under way for a missed fire. Missed fires run one after the other.
  var catchUpRun: Run.ID?
  /// The reason why the job is paused, was cancelled, or has ended.
  var reason: String?
  /// The wall time up to which instants are handled or do not count; nil is the registration. Fires do not change it.
  var since: Timestamp?
  var ending = EndingRuns()
  /// The open lease of a handler's events.
  var lease: Lease?

  func setState(_ state: Value, _ hold: MemoryHold) {
    self.state = state
    stateHold = hold
  }
}

/// A decision whose count may grow.
struct GrowingDecision {
  var decision: Decision
  /// True if the new count has not been written to the store.
  var hasGrown = false
}

/// A job that was removed while it had runs under way.
struct RemovedJob {
  var script: ScriptID
  var name: String
  var isHostHandler: Bool
  var running: Int32
}
