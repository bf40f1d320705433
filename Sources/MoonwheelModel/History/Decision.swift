import Triggers

/// The reason why one or more fires did not become runs of their own. Equal decisions in a row share one record, with a
/// count.
public struct Decision: Sendable, Hashable {
  /// Unique in a store. Ids count up.
  public struct ID: Sendable, Hashable, Comparable {
    public var rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }
    public static func < (a: ID, b: ID) -> Bool { a.rawValue < b.rawValue }
  }

  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The job's policy refused the fire: overlap, a full queue, or `when`.
    case skipped
    /// The time passed while the host was down or asleep or the job was paused, or the clock was set past it.
    case missed
    /// The run would have started later than `grace` allows.
    case misfired
    /// One run stands for several fires.
    case coalesced
    /// A bound refused the run: memory, or the number of runs.
    case denied
    /// The job was cancelled, changed or removed while the fire waited for its turn.
    case dropped
    /// Crashes interrupted the pending run too often in a row. The store keeps it; the host does not start it again.
    case dead
  }

  public var id: ID
  public var job: StoreKey
  public var script: String = ""
  public var name: String = ""
  public var kind: Kind
  /// The nominal instants of the first fire and, in `through`, of the last.
  public var from: Timestamp
  public var through: Timestamp
  public var count: Int64
  /// The time of the decision about the first fire.
  public var decidedAt: Timestamp
  public var reason: String
  /// The run that blocked the fires, or that stands for them.
  public var run: Run.ID?

  public init(
    id: ID, job: StoreKey, kind: Kind, from: Timestamp, through: Timestamp, count: Int64 = 1,
    decidedAt: Timestamp, reason: String, run: Run.ID? = nil
  ) {
    self.id = id
    self.job = job
    self.kind = kind
    self.from = from
    self.through = through
    self.count = count
    self.decidedAt = decidedAt
    self.reason = reason
    self.run = run
  }
}
