import Triggers

/// A run that was promised, or that is to be tried again: it starts at least once.
public struct PendingRun: Sendable, Hashable {
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// By `trigger`, `after` or `at` of a handle.
    case promise
    /// After a failed attempt.
    case retry
    /// A fire of a trigger, or an event, of a job with `restart`.
    case fire
  }

  public enum Status: UInt8, Sendable, CaseIterable {
    case waiting
    /// Started, and not reported to have ended.
    case running
    /// Cut off so often in a row that it is not tried again by itself.
    case dead
  }

  public enum Payload: Sendable, Hashable {
    case none
    case arguments(Value)
    indirect case event(Event)
    /// Of a handler that gathers them.
    case events([Event])
  }

  public var run: Run.ID
  public var job: StoreKey
  public var kind: Kind
  public var status: Status
  /// Counts from 1.
  public var attempt: Int32
  /// The nominal instant that it stands for.
  public var scheduledAt: Timestamp
  /// Not to be started before.
  public var dueAt: Timestamp
  /// It is due after a length of time, rather than at a time: it keeps its distance when the clock is set.
  public var isRelative: Bool
  public var payload: Payload
  /// How often a crash or an eviction has cut it off, in a row.
  public var crashes: Int32

  public init(
    run: Run.ID, job: StoreKey, kind: Kind, status: Status = .waiting, attempt: Int32 = 1,
    scheduledAt: Timestamp, dueAt: Timestamp, isRelative: Bool = false, payload: Payload = .none,
    crashes: Int32 = 0
  ) {
    self.run = run
    self.job = job
    self.kind = kind
    self.status = status
    self.attempt = attempt
    self.scheduledAt = scheduledAt
    self.dueAt = dueAt
    self.isRelative = isRelative
    self.payload = payload
    self.crashes = crashes
  }
}
