import Triggers

/// The content of a store when a host starts.
public struct StoredState: Sendable {
  public var jobs: [StoredJob]
  /// The `run.state` of the jobs that have one.
  public var states: [StoreKey: Value]
  public var pendingRuns: [PendingRun]
  /// The runs that were under way when the previous host ended.
  public var interrupted: [RunRecord]
  /// The previous host had handled every fire up to this time.
  public var handledThrough: Timestamp?
  /// The greatest id of each kind that was ever used; 0 if there was none.
  public var lastRun: Run.ID
  public var lastKey: StoreKey
  public var lastDecision: Decision.ID
  /// The seed of jitter, stored so that a restart does not change it; nil in a new store.
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
