import MoonwheelModel
import Triggers

/// A run that is to start now.
///
/// Copied from thread to thread with each fire, so what most runs do not have is behind one reference.
public struct Dispatch: Sendable {
  public var run: Run.ID
  public var job: JobID
  public var handle: JobHandle
  public var number: Int64
  public var scheduledAt: Timestamp
  /// The job's row in the store.
  public var key: StoreKey
  public var generation: GenerationID
  public var priority: Int32
  public var attempt: Int32
  /// Nil for most.
  public var extras: Boxed<Extras>?
  private var flags: UInt8

  public typealias Payload = PendingRun.Payload

  public init(
    generation: GenerationID, job: JobID, run: Run.ID, handle: JobHandle, priority: Int32 = 0,
    attempt: Int32, number: Int64, scheduledAt: Timestamp, key: StoreKey,
    isRecorded: Bool, extras: Boxed<Extras>? = nil
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
    flags = isRecorded ? Self.recorded : 0
  }

  private static let recorded: UInt8 = 1
  private static let tracked: UInt8 = 2
  private static let followed: UInt8 = 4

  /// The history keeps this run by itself, however it ends.
  public internal(set) var isRecorded: Bool {
    get { flags & Self.recorded != 0 }
    set { set(Self.recorded, newValue) }
  }

  /// Of a run that has ended: the next of its series has begun.
  public var hasSuccessor: Bool {
    get { flags & Self.followed != 0 }
    set { set(Self.followed, newValue) }
  }

  /// It may have to be started again: the core looks for it when it ends.
  var isTracked: Bool {
    get { flags & Self.tracked != 0 }
    set { set(Self.tracked, newValue) }
  }

  private mutating func set(_ flag: UInt8, _ isSet: Bool) {
    flags = isSet ? flags | flag : flags & ~flag
  }

  /// How many events led to it: the longest chain where it gathers some.
  public var eventDepth: UInt8 {
    switch payload {
    case .event(let event): event.depth
    case .events(let events): events.map(\.depth).max() ?? 0
    case .none, .arguments: 0
    }
  }

  /// The payload, if it is an event or several.
  var event: Payload {
    switch payload {
    case .event, .events: payload
    case .none, .arguments: .none
    }
  }

  public var payload: Payload { extras?.content.payload ?? .none }

  /// What is passed besides the run itself.
  public struct Extras: Sendable {
    public var payload: Payload
    /// `run.state`.
    public var state: Value?
    /// One of the job's hooks rather than its callback: it is passed the run and a value.
    public var hook: Hook?
    /// Wall time after which the run is not to enter Lua any more.
    public var latest: Timestamp?
    /// Where the worker finds the events that follow this one.
    public var lease: (any EventLease)?

    public struct Hook: Sendable {
      /// One of them.
      public var which: Hooks
      /// The result, the error, or what was missed.
      public var value: Value

      public init(_ which: Hooks, _ value: Value) {
        self.which = which
        self.value = value
      }
    }

    public init(
      payload: Payload = .none, state: Value? = nil, hook: Hook? = nil, latest: Timestamp? = nil,
      lease: (any EventLease)? = nil
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
  /// The run of a series that follows this one.
  public init(_ item: LeasedEvent, following last: Dispatch, in lease: any EventLease) {
    self = last
    run = item.run
    number += 1
    scheduledAt = item.at
    isRecorded = false
    extras = Boxed(Extras(payload: .event(item.event), lease: lease))
  }
}
