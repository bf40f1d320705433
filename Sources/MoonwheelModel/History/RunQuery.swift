import Triggers

/// Selects runs, summaries or decisions. A property that is nil matches everything.
public struct RunQuery: Sendable, Hashable {
  public var job: StoreKey?
  public var script: String?
  public var name: String?
  public var run: Run.ID?
  /// Any of these.
  public var statuses: Set<RunStatus>?
  /// Bounds of the nominal instant, inclusive.
  public var since: Timestamp?
  public var through: Timestamp?
  public var limit: Int
  /// The rows may take so much memory, but for the first one.
  public var bytes = Int.max

  public init(
    job: StoreKey? = nil, script: String? = nil, name: String? = nil, run: Run.ID? = nil,
    statuses: Set<RunStatus>? = nil, since: Timestamp? = nil, through: Timestamp? = nil,
    limit: Int = 100
  ) {
    self.job = job
    self.script = script
    self.name = name
    self.run = run
    self.statuses = statuses
    self.since = since
    self.through = through
    self.limit = limit
  }
}
