import Triggers

/// Which runs, summaries or decisions are wanted. What is nil does not matter.
public struct RunQuery: Sendable, Hashable {
  public var job: StoreKey?
  public var script: String?
  public var name: String?
  public var run: Run.ID?
  public var status: RunStatus?
  /// Nominal instants, inclusive.
  public var since: Timestamp?
  public var through: Timestamp?
  public var limit: Int

  public init(
    job: StoreKey? = nil, script: String? = nil, name: String? = nil, run: Run.ID? = nil,
    status: RunStatus? = nil, since: Timestamp? = nil, through: Timestamp? = nil, limit: Int = 100
  ) {
    self.job = job
    self.script = script
    self.name = name
    self.run = run
    self.status = status
    self.since = since
    self.through = through
    self.limit = limit
  }
}
