import Triggers

/// An event of the host itself, which scripts can handle by name.
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
    case jobHeld
    case jobPingFailed
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
    case runGivenUp

    /// The name that scripts see: `job.added`.
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
      case .jobHeld: "job.held"
      case .jobPingFailed: "job.ping_failed"
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
      case .runGivenUp: "run.given_up"
      }
    }
  }

  /// The attempt that an event about the end of a run is about.
  public struct Attempt: Sendable, Hashable {
    /// Counted from 1.
    public var number: Int32
    /// False if the run will be tried again.
    public var isFinal: Bool

    package init(_ number: Int32, isFinal: Bool) {
      self.number = number
      self.isFinal = isFinal
    }
  }

  /// The names of all kinds.
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
  /// The job's name; empty if the event is about the script as a whole.
  public var job: String
  public var run: Run.ID?
  /// For ``Kind/jobHeld``: since when.
  public var scheduledAt: Timestamp?
  /// The number of fires that the event stands for.
  public var count: Int64
  public var reason: String?
  public var failure: RunFailure?
  /// Nil for an event that is not about an attempt that failed.
  public var attempt: Attempt?
  /// For ``Kind/runGivenUp``: the word of ``RunStatus``, `missed` or `dead`. For ``Kind/jobHeld``: `paused` or `cancelled`.
  public var status: String?
  /// For ``Kind/runDenied``.
  public var denial: Boxed<Denial>?
  /// True if the job handles host events. Such an event goes to the log and the embedder only; otherwise a handler
  /// could trigger itself.
  public var isAboutHostHandler: Bool
  /// The number of events in the chain that led to the run; see ``Event/depth``.
  public var depth: UInt8

  package init(
    kind: Kind, script: ScriptID, job: String, run: Run.ID?, scheduledAt: Timestamp?, count: Int64,
    reason: String?, failure: RunFailure?, attempt: Attempt? = nil, status: String? = nil,
    isAboutHostHandler: Bool, depth: UInt8
  ) {
    self.kind = kind
    self.script = script
    self.job = job
    self.run = run
    self.scheduledAt = scheduledAt
    self.count = count
    self.reason = reason
    self.failure = failure
    self.attempt = attempt
    self.status = status
    self.isAboutHostHandler = isAboutHostHandler
    self.depth = depth
  }
}

extension EventPattern {
  /// True if the pattern matches an event of the host. O(1) for a name without wildcards.
  package var matchesHostEvents: Bool {
    if let literal { return HostEvent.names.contains(literal) }
    return HostEvent.Kind.allCases.contains { matches($0.name) }
  }
}
