import Triggers

/// Why fires did not become runs of their own. Equal ones in a row are one, with a count.
public struct Decision: Sendable, Hashable {
  /// Unique in a store; counts up.
  public struct ID: Sendable, Hashable, Comparable {
    public var rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }
    public static func < (a: ID, b: ID) -> Bool { a.rawValue < b.rawValue }
  }

  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// By the job's policy: overlap, a full queue, `when`.
    case skipped
    /// While the host was down or asleep, the job was paused, or the clock was set.
    case missed
    /// It would have started later than `grace` allows.
    case misfired
    /// One run stands for it and others.
    case coalesced
    /// Refused by a bound: memory, the number of runs.
    case denied
    /// Its turn never came: the job was cancelled, changed or removed while it waited.
    case dropped
    /// Cut off too often in a row; kept, and not tried again by itself.
    case dead
  }

  public var id: ID
  public var job: StoreKey
  public var script: String = ""
  public var name: String = ""
  public var kind: Kind
  /// Nominal instant of the first fire, and of the last.
  public var from: Timestamp
  public var through: Timestamp
  public var count: Int64
  /// When it was decided, for the first.
  public var decidedAt: Timestamp
  public var reason: String
  /// The run that was in the way, or that stands for the fires.
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
