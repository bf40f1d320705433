import Triggers

/// A run that must start at least once: a script or a user asked for it, or an attempt failed and is tried again.
public struct PendingRun: Sendable, Hashable {
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// Created by `trigger`, `after` or `at` of a job handle.
    case promise
    /// Created after a failed attempt.
    case retry
    /// Created by a fire or an event of a job with `restart` or `retry`.
    case fire
  }

  public enum Status: UInt8, Sendable, CaseIterable {
    case waiting
    /// The run has started, and no worker has reported its end.
    case running
    /// Crashes or evictions interrupted it too often in a row. It is kept, but the host does not start it again.
    case dead
  }

  public enum Payload: Sendable, Hashable {
    case none
    case arguments(Value)
    indirect case event(Event)
    /// Several events, for a handler with `debounce` or `batch`.
    case events([Event])
  }

  public var run: Run.ID
  public var job: StoreKey
  public var kind: Kind
  public var status: Status
  /// Attempts count from 1.
  public var attempt: Int32
  /// The nominal instant of the run.
  public var scheduledAt: Timestamp
  /// The earliest time of the start.
  public var dueAt: Timestamp
  /// True if the run is due after a length of time rather than at a time. When the clock is set, `dueAt` moves with it.
  public var isRelative: Bool
  public var payload: Payload
  /// Who asked for it: a script, or the program; nil for a fire and an event.
  public var by: String?
  /// The run that asked for it.
  public var of: Run.ID?
  /// The number of crashes and evictions in a row that interrupted it.
  public var crashes: Int32
  /// For the payload.
  public var hold: MemoryHold
  /// The number of the request whose sender waits for the end; 0 if nobody does. Not stored.
  package var awaitedBy: UInt64 = 0

  public init(
    run: Run.ID, job: StoreKey, kind: Kind, status: Status = .waiting, attempt: Int32 = 1,
    scheduledAt: Timestamp, dueAt: Timestamp, isRelative: Bool = false, payload: Payload = .none,
    crashes: Int32 = 0, hold: MemoryHold = .none
  ) {
    self.hold = hold
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
