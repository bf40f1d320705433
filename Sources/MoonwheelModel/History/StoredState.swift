import Triggers

/// The content of a store when a host starts.
public struct StoredState: Sendable, Equatable {
  public var jobs: [StoredJob] = []
  /// The `run.state` of the jobs that have one.
  public var states: [StoreKey: Value] = [:]
  /// For these.
  public var holds: [StoreKey: MemoryHold] = [:]
  public var pendingRuns: [PendingRun] = []
  /// The runs that were under way when the previous host ended.
  public var interrupted: [RunRecord] = []
  /// What was to be done after runs of the previous host, and is not.
  public var afterRuns: [AfterRunRequest] = []
  /// The previous host had handled every fire up to this time.
  public var handledThrough: Timestamp?
  /// The greatest id of each kind that was ever used; 0 if there was none.
  public var lastRun = Run.ID(rawValue: 0)
  public var lastKey = StoreKey.none
  public var lastDecision = Decision.ID(rawValue: 0)
  /// The seed of jitter, stored so that a restart does not change it; nil in a new store.
  public var seed: UInt64?

  public init() {}
}
