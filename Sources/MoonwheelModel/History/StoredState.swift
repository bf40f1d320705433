import Triggers

/// What a store has when a host starts.
public struct StoredState: Sendable {
  public var jobs: [StoredJob]
  /// `run.state` of jobs that have one.
  public var states: [StoreKey: Value]
  public var pendingRuns: [PendingRun]
  /// Runs that were under way when the host ended.
  public var interrupted: [RunRecord]
  /// Every fire up to here was handled.
  public var handledThrough: Timestamp?
  /// The greatest that was given out; 0 if there was none.
  public var lastRun: Run.ID
  public var lastKey: StoreKey
  public var lastDecision: Decision.ID
  /// What jitter is drawn from, so that it is the same after a restart; nil in a new store.
  public var seed: UInt64?

  public init(
    jobs: [StoredJob] = [], states: [StoreKey: Value] = [:], pendingRuns: [PendingRun] = [],
    interrupted: [RunRecord] = [], handledThrough: Timestamp? = nil,
    lastRun: Run.ID = Run.ID(rawValue: 0), lastKey: StoreKey = .none,
    lastDecision: Decision.ID = Decision.ID(rawValue: 0), seed: UInt64? = nil
  ) {
    self.jobs = jobs
    self.states = states
    self.pendingRuns = pendingRuns
    self.interrupted = interrupted
    self.handledThrough = handledThrough
    self.lastRun = lastRun
    self.lastKey = lastKey
    self.lastDecision = lastDecision
    self.seed = seed
  }
}
