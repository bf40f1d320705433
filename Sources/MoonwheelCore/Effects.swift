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
    public var lease: EventLease?

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
      lease: EventLease? = nil
    ) {
      self.lease = lease
      self.payload = payload
      self.state = state
      self.hook = hook
      self.latest = latest
    }
  }
}

/// A value behind a reference, where it is rare and would make what holds it large.
public final class Boxed<Content: Sendable>: Sendable {
  public let content: Content
  public init(_ content: Content) { self.content = content }
}

/// What the host publishes, in the words of the events that scripts can handle.
public struct HostEvent: Sendable {
  public enum Kind: UInt8, Sendable, CaseIterable {
    case schedulerPaused
    case schedulerResumed
    case jobAdded
    case jobChanged
    case jobRemoved
    case jobPaused
    case jobResumed
    case jobFinished
    case runStarted
    case runSucceeded
    case runFailed
    case runSkipped
    case runMissed
    case runDenied
    case runTimedOut
    case runCancelled
    case runDropped
    case runEvicted
    case runAbandoned
    case runRetrying
    case runStuck

    /// As scripts see it: `job.added`.
    public var name: String {
      switch self {
      case .schedulerPaused: "scheduler.paused"
      case .schedulerResumed: "scheduler.resumed"
      case .jobAdded: "job.added"
      case .jobChanged: "job.changed"
      case .jobRemoved: "job.removed"
      case .jobPaused: "job.paused"
      case .jobResumed: "job.resumed"
      case .jobFinished: "job.finished"
      case .runStarted: "run.started"
      case .runSucceeded: "run.succeeded"
      case .runFailed: "run.failed"
      case .runSkipped: "run.skipped"
      case .runMissed: "run.missed"
      case .runDenied: "run.denied"
      case .runTimedOut: "run.timed_out"
      case .runCancelled: "run.cancelled"
      case .runDropped: "run.dropped"
      case .runEvicted: "run.evicted"
      case .runAbandoned: "run.abandoned"
      case .runRetrying: "run.retrying"
      case .runStuck: "run.stuck"
      }
    }
  }

  /// Of all kinds, as scripts see them.
  package static let names = Set(Kind.allCases.map(\.name))

  /// A set of kinds.
  public struct Interest: Sendable, Hashable {
    private var bits: UInt64

    public static let all = Interest(bits: .max)
    public static let none = Interest(bits: 0)

    private init(bits: UInt64) { self.bits = bits }

    public init(where isWanted: (Kind) -> Bool) {
      bits = 0
      for kind in Kind.allCases where isWanted(kind) { bits |= 1 << UInt64(kind.rawValue) }
    }

    public func contains(_ kind: Kind) -> Bool { bits >> UInt64(kind.rawValue) & 1 == 1 }
  }

  public var kind: Kind
  public var script: ScriptID
  /// Empty where it is about the script as a whole.
  public var job: String
  public var run: Run.ID?
  public var scheduledAt: Timestamp?
  /// How many fires this stands for.
  public var count: Int64
  public var reason: String?
  public var failure: RunFailure?
  /// It is about a handler of host events: for the log and the embedder only, so that nothing feeds itself.
  public var isAboutHostHandler: Bool
  /// How many events led to the run that it is about: what it leads to is the next of the chain.
  public var depth: UInt8
}

/// A change of who wants which events; the order matters.
public enum Subscription: Sendable {
  /// Also for a handler that is subscribed already: the bound of its queue may be another.
  case subscribe(JobID, ScriptID, EventPattern, queue: Int)
  case unsubscribe(JobID)
}

/// A change for the store.
public struct StoreWrite: Sendable {
  public var change: StoreChange
  /// To be told with ``Input/stored(tickets:failure:)`` when the change is safe; 0 is nobody waits for it.
  public var ticket: UInt64

  public init(_ change: StoreChange, ticket: UInt64 = 0) {
    self.change = change
    self.ticket = ticket
  }
}

/// The wall clock was set.
public struct ClockStep: Sendable, Hashable {
  /// By how many nanoseconds: a second or more.
  public var by: Int64
  /// No host ran then: what is stored was ahead of the clock at the start.
  public var wasDown = false
}

/// What the driver is to do. Kept and emptied between uses, so that it stops allocating.
public struct Effects: Sendable {
  public var dispatches: [Dispatch] = []
  /// Parked coroutines whose deadline has come.
  public var wakes: [ParkID] = []
  /// Generations whose last run has ended and that no script uses.
  public var closes: [GenerationID] = []
  public var events: [HostEvent] = []
  /// Changes of what the event bus knows, to be made in this order.
  public var subscriptions: [Subscription] = []
  /// Events that have left a handler's queue.
  public var dequeued: [JobID] = []
  /// Jobs whose runs under way are to be ended, but for the run that asked.
  public var cancels: [(ScriptID, JobID, except: Run.ID?)] = []
  /// Jobs of callbacks that have ended: their functions can be let go.
  public var releases: [(GenerationID, JobHandle, CallbackID)] = []
  public var answers: [(ParkID, JobAnswer)] = []
  public var namedAnswers: [(request: UInt64, JobAnswer)] = []
  public var clockSteps: [ClockStep] = []
  public var isDrained = false
  /// Functions that are to say when their jobs fire next.
  public var requests: [NextFireRequest] = []
  /// Changes for the store, in order.
  public var writes: [StoreWrite] = []

  public init() {}

  /// The storage of a larger burst is given back.
  private static let keptCapacity = 4_096

  /// All but the changes for the store.
  public mutating func removeAllButWrites() {
    dispatches.removeAll(keepingCapacity: dispatches.capacity <= Self.keptCapacity)
    wakes.removeAll(keepingCapacity: wakes.capacity <= Self.keptCapacity)
    closes.removeAll(keepingCapacity: true)
    events.removeAll(keepingCapacity: true)
    subscriptions.removeAll(keepingCapacity: true)
    dequeued.removeAll(keepingCapacity: dequeued.capacity <= Self.keptCapacity)
    cancels.removeAll(keepingCapacity: true)
    releases.removeAll(keepingCapacity: releases.capacity <= Self.keptCapacity)
    answers.removeAll(keepingCapacity: true)
    namedAnswers.removeAll(keepingCapacity: true)
    clockSteps.removeAll(keepingCapacity: true)
    isDrained = false
    requests.removeAll(keepingCapacity: true)
  }

  public mutating func removeWrites() {
    writes.removeAll(keepingCapacity: writes.capacity <= Self.keptCapacity)
  }

  public mutating func removeAll() {
    removeAllButWrites()
    removeWrites()
  }
}

extension EventPattern {
  /// Whether an event of the host matches. A plain name is looked up.
  package var matchesHostEvents: Bool {
    if let literal { return HostEvent.names.contains(literal) }
    return HostEvent.Kind.allCases.contains { matches($0.name) }
  }
}
