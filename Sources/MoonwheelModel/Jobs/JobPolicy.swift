/// What happens when a fire meets a run of the same job that is still going.
public enum Overlap: String, Sendable, Hashable, CaseIterable {
  /// The fire is not run.
  case skip
  /// It waits its turn, in order, up to a bound.
  case queue
  /// The run that is going is cancelled, and the fire runs when it has ended.
  case replace
  /// Both run, up to a bound.
  case allow
}

/// How a job is run; most jobs of a script share one.
public struct JobPolicy: Sendable, Hashable {
  public var overlap: Overlap
  /// How many fires wait at most, with ``Overlap/queue``.
  public var backlog: Int
  /// How many runs at once, with ``Overlap/allow``.
  public var maxInstances: Int
  /// The period counts from the end of a run.
  public var fixedDelay: Bool
  /// Fire also when the job is first added.
  public var now: Bool
  /// Among runs of one script that are due at once, higher goes first.
  public var priority: Int
  /// Registered, not firing.
  public var paused: Bool
  /// Passed as `run.args`.
  public var arguments: Value
  public var tags: [String]
  public var limits: RunLimits
  public var window: FireWindow
  /// A fire that would start later than this after its instant, in nanoseconds, is a misfire.
  public var grace: Int64?
  /// Nil is ``Catchup/latest`` for a named job on a durable store, else ``Catchup/none``.
  public var catchup: Catchup?
  /// How many missed fires are run at most, with ``Catchup/all``.
  public var catchupLimit: Int
  public var retry: RetryPolicy?
  /// A run that a crash or a sibling's eviction cut off is run again; nil: promised runs and retries are.
  public var restart: Bool?
  /// How many runs are kept, and how many of them that failed.
  public var history: Int
  public var failures: Int
  /// Each run has a state of its own.
  public var isolatesRuns: Bool
  /// Bytes that the state of a run may hold, with `isolatesRuns`.
  public var memory: Int?
  /// What `run.state` is at first; nil is no state.
  public var state: Value?
  public var hooks: Hooks
  /// Events are gathered until none has come for so many nanoseconds.
  public var debounce: Int64?
  /// How many events are gathered at most; nil is one, or the whole queue with `debounce`.
  public var batch: Int?

  public init(
    overlap: Overlap = .skip, backlog: Int = 1, maxInstances: Int = 16, fixedDelay: Bool = false,
    now: Bool = false, priority: Int = 0, paused: Bool = false, arguments: Value = .nil,
    tags: [String] = [], limits: RunLimits = RunLimits(),
    window: FireWindow = FireWindow(), grace: Int64? = nil, catchup: Catchup? = nil,
    catchupLimit: Int = 1_000, retry: RetryPolicy? = nil, restart: Bool? = nil, history: Int = 100,
    failures: Int = 1_000, isolatesRuns: Bool = false, memory: Int? = nil, state: Value? = nil,
    hooks: Hooks = [], debounce: Int64? = nil, batch: Int? = nil
  ) {
    self.overlap = overlap
    self.backlog = backlog
    self.maxInstances = maxInstances
    self.fixedDelay = fixedDelay
    self.now = now
    self.priority = priority
    self.paused = paused
    self.arguments = arguments
    self.tags = tags
    self.limits = limits
    self.window = window
    self.grace = grace
    self.catchup = catchup
    self.catchupLimit = catchupLimit
    self.retry = retry
    self.restart = restart
    self.history = history
    self.failures = failures
    self.isolatesRuns = isolatesRuns
    self.memory = memory
    self.state = state
    self.hooks = hooks
    self.debounce = debounce
    self.batch = batch
  }

  /// What of the options says when the job fires, as the store keeps it.
  package var timing: String {
    let jitter = window.jitter > 0 ? "jitter \(window.jitter)" : ""
    return [window.identity, jitter, fixedDelay ? Self.delaying : ""].filter { !$0.isEmpty }
      .joined(separator: "; ")
  }

  package static let delaying = "fixed_delay"

  /// Gathers events rather than taking them one at a time.
  public var gathersEvents: Bool { debounce != nil || batch != nil }
}

/// What becomes of fires that were missed while the host was down or asleep, the job was paused, or the clock jumped.
public enum Catchup: String, Sendable, Hashable, CaseIterable {
  case none
  /// One run for them all.
  case latest
  /// Oldest first, one after the other, whatever `overlap` says.
  case all
}

/// Which callbacks a job has that tell how a run ended; the generation's isolate knows the functions.
public struct Hooks: OptionSet, Sendable, Hashable {
  public var rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let success = Hooks(rawValue: 1)
  public static let failure = Hooks(rawValue: 2)
  public static let retry = Hooks(rawValue: 4)
  public static let missed = Hooks(rawValue: 8)
}

/// A policy that jobs share.
public final class SharedPolicy: Sendable {
  public let value: JobPolicy
  public init(_ value: JobPolicy) { self.value = value }

  /// The same with what is relative to the present resolved as in an earlier window.
  package func resolved(as before: FireWindow) -> SharedPolicy {
    guard value.window.fromText != nil || value.window.tillText != nil else { return self }
    var policy = value
    policy.window = policy.window.resolved(as: before)
    return SharedPolicy(policy)
  }
}
