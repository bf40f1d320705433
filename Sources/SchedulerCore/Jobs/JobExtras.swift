import MoonwheelModel
import Triggers

/// What most jobs do not need: decisions that still grow, state, why it is paused. Owned by one core.
final class JobExtras {
  /// The newest decision of each kind, the newest of all last: more of the same are added to it.
  var decisions: [GrowingDecision] = []
  /// `run.state`.
  var state: Value?
  /// The run under way that is one of those caught up with: they go one after the other.
  var catchUpRun: Run.ID?
  /// Why the job is paused, was cancelled, or has ended.
  var reason: String?
  /// Wall time up to which its instants are settled, or do not count; nil is its registration. What was fired is not in it.
  var since: Timestamp?
  /// What the function that is the job's trigger was asked last and has not answered.
  var request: UInt32?
  /// The question is about the time that the host was down.
  var isCatchUp = false
  /// Of a handler: what goes ahead of the core.
  var lease: (any EventLease)?
}

/// A decision, and whether the store is to be told that it stands for more fires.
struct GrowingDecision {
  var decision: Decision
  var hasGrown = false
}

/// A job that left while runs of it were under way.
struct RemovedJob {
  var script: ScriptID
  var name: String
  var isHostHandler: Bool
  var running: Int32
}
