import MoonwheelModel
import Triggers

/// A run that must start now.
///
/// Each fire copies it from thread to thread, so what most runs do not need is behind one reference.
public struct Dispatch: Sendable {
  public var run: Run.ID
  public var job: JobID
  public var handle: JobHandle
  /// Counts the job's runs, from 1.
  public var number: Int64
  public var scheduledAt: Timestamp
  /// The key of the job's row in the store.
  public var key: StoreKey
  public var generation: GenerationID
  public var priority: Int32
  public var attempt: Int32
  /// Nil for a run without payload, state, hook, grace and lease.
  public var extras: Boxed<Extras>?
  private var flags: UInt8

  public typealias Payload = PendingRun.Payload

  public init(
    generation: GenerationID, job: JobID, run: Run.ID, handle: JobHandle, priority: Int32 = 0,
    attempt: Int32, number: Int64, scheduledAt: Timestamp, key: StoreKey,
    isRecorded: Bool, isTracked: Bool = false, extras: Boxed<Extras>? = nil
  ) {
    self.run = run
    self.job = job
    self.handle = handle
    self.number = number
    self.scheduledAt = scheduledAt
    self.key = key
    self.generation = generation
    self.priority = priority
    self.attempt = attempt
    self.extras = extras
    flags = (isRecorded ? Self.recorded : 0) | (isTracked ? Self.tracked : 0)
  }

  private static let recorded: UInt8 = 1
  private static let tracked: UInt8 = 2
  private static let hasNext: UInt8 = 4

  /// True if the history gets a record of this run, however it ends.
  public internal(set) var isRecorded: Bool {
    get { flags & Self.recorded != 0 }
    set { set(Self.recorded, newValue) }
  }

  /// True for a run that has ended, if its worker has begun the next run of the lease.
  public var hasSuccessor: Bool {
    get { flags & Self.hasNext != 0 }
    set { set(Self.hasNext, newValue) }
  }

  /// True if the run may have to be started again, so that ``SchedulerCore/tracked`` has it.
  var isTracked: Bool {
    get { flags & Self.tracked != 0 }
    set { set(Self.tracked, newValue) }
  }

  private mutating func set(_ flag: UInt8, _ isSet: Bool) {
    flags = isSet ? flags | flag : flags & ~flag
  }

  /// The number of events in the chain that led to the run; with several events, that of the longest chain.
  public var eventDepth: UInt8 {
    switch payload {
    case .event(let event): event.depth
    case .events(let events): events.map(\.depth).max() ?? 0
    case .none, .arguments: 0
    }
  }

  /// The payload, if it is one or several events; else `.none`.
  var event: Payload {
    switch payload {
    case .event, .events: payload
    case .none, .arguments: .none
    }
  }

  public var payload: Payload { extras?.content.payload ?? .none }

  /// Inputs that most runs do not have.
  public struct Extras: Sendable {
    public var payload: Payload
    /// `run.state`.
    public var state: Value?
    /// The hook to call instead of the job's callback.
    public var hook: Hook?
    /// The wall time after which the run must not enter Lua.
    public var latest: Timestamp?
    /// The lease from which the worker takes the next events.
    public var lease: Run.ID?

    public struct Hook: Sendable {
      /// One element of the set.
      public var which: Hooks
      /// The argument: the result, the error, or the missed fires.
      public var value: Value
      /// For the value.
      public var hold: MemoryHold

      public init(_ which: Hooks, _ value: Value, hold: MemoryHold = .none) {
        self.which = which
        self.value = value
        self.hold = hold
      }
    }

    public init(
      payload: Payload = .none, state: Value? = nil, hook: Hook? = nil, latest: Timestamp? = nil,
      lease: Run.ID? = nil
    ) {
      self.lease = lease
      self.payload = payload
      self.state = state
      self.hook = hook
      self.latest = latest
    }
  }
}

extension Dispatch {
  /// The run of the next event of a lease.
  public init(_ item: LeasedEvent, following last: Dispatch) {
    self = last
    run = item.run
    number += 1
    scheduledAt = item.at
    isRecorded = false
    extras = Boxed(Extras(payload: .event(item.event), lease: item.lease))
  }
}
