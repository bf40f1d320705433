import Triggers

/// When a job runs.
public enum JobTrigger: Sendable, Hashable {
  /// Only when asked to.
  case onDemand
  case time(Trigger)
  case event(EventPattern)
  /// When a function of the script says: it is given an instant and answers with the next.
  case custom(CallbackID)

  /// Identity of the trigger and base of a derived name.
  public var text: String {
    switch self {
    case .onDemand: "on demand"
    case .time(let trigger): trigger.text
    case .event(let pattern): "on \(pattern.text)"
    case .custom: "trigger"
    }
  }

  /// What tells this trigger from another across restarts.
  public var identity: String {
    switch self {
    case .onDemand, .event, .custom: text
    case .time(let trigger): trigger.identity
    }
  }

  /// Whether a reload with the other trigger leaves a job as it is. A text that is relative to the present, such as
  /// `at 18:00`, is resolved once.
  func continues(as other: JobTrigger) -> Bool {
    switch (self, other) {
    case (.custom, .custom): true
    case (.time(let old), .time(let new)): old.saysTheSame(as: new)
    default: self == other
    }
  }

  public var words: String {
    switch self {
    case .onDemand: "when triggered"
    case .time(let trigger): trigger.words
    case .event(let pattern): "on the event \(pattern.text)"
    case .custom: "when its function says"
    }
  }
}

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
  public var queue: Int
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
    overlap: Overlap = .skip, queue: Int = 1, maxInstances: Int = 16, fixedDelay: Bool = false,
    now: Bool = false, priority: Int = 0, paused: Bool = false, arguments: Value = .nil,
    tags: [String] = [], limits: RunLimits = RunLimits(),
    window: FireWindow = FireWindow(), grace: Int64? = nil, catchup: Catchup? = nil,
    catchupLimit: Int = 1_000, retry: RetryPolicy? = nil, restart: Bool? = nil, history: Int = 100,
    failures: Int = 1_000, isolatesRuns: Bool = false, memory: Int? = nil, state: Value? = nil,
    hooks: Hooks = [], debounce: Int64? = nil, batch: Int? = nil
  ) {
    self.overlap = overlap
    self.queue = queue
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
  var timing: String {
    let jitter = window.jitter > 0 ? "jitter \(window.jitter)" : ""
    return [window.identity, jitter, fixedDelay ? Self.delaying : ""].filter { !$0.isEmpty }
      .joined(separator: "; ")
  }

  static let delaying = "fixed_delay"

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

/// How failed runs are tried again: after `from · factorⁿ`, at most `to`, and up to `jitter` of that more.
public struct RetryPolicy: Sendable, Hashable {
  /// How often at most, after the first attempt.
  public var max: Int
  /// Nanoseconds.
  public var from: Int64
  /// Nanoseconds.
  public var to: Int64
  public var factor: Double
  /// From 0 to 1.
  public var jitter: Double
  /// A Lua pattern: an error whose message has it is not tried again.
  public var unless: String?

  public init(
    max: Int, from: Int64 = 1_000_000_000, to: Int64 = 3_600_000_000_000, factor: Double = 2,
    jitter: Double = 0.1, unless: String? = nil
  ) {
    self.max = max
    self.from = from
    self.to = to
    self.factor = factor
    self.jitter = jitter
    self.unless = unless
  }

  /// How long to wait after an attempt that failed, counted from 1, of the job's so manieth run. Drawn from these, so that
  /// the same failure always waits as long, whatever other jobs there are.
  public func delay(after attempt: Int32, ofRun number: Int64, of job: String) -> Int64 {
    var delay = Double(from)
    for _ in 0..<min(Swift.max(0, attempt - 1), 4_096) where delay < Double(to) { delay *= factor }
    let bounded = Swift.min(Int64(saturating: delay), to)
    let most = Swift.min(Int64(saturating: Double(bounded) * jitter), .max - bounded)
    guard most > 0 else { return bounded }
    return bounded
      + Jitter.delay(
        upTo: most, seed: UInt64(bitPattern: number), name: job,
        at: Timestamp(nanoseconds: Int64(attempt)))
  }
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

/// How long a run may take, in nanoseconds; the maximum is no limit.
public struct RunLimits: Sendable, Hashable {
  /// Elapsed time until the interrupt.
  public var soft: Int64
  /// Elapsed time until the run is dropped.
  public var hard: Int64
  /// Processor time until the interrupt.
  public var cpu: Int64

  /// What an interrupted run has for its `<close>` variables, unless said otherwise.
  public static let standardGrace: Int64 = 100_000_000

  public init(
    soft: Int64 = 3_600_000_000_000, hard: Int64? = nil, cpu: Int64 = .max
  ) {
    self.soft = soft
    let (sum, overflow) = soft.addingReportingOverflow(Self.standardGrace)
    self.hard = hard ?? (overflow ? .max : sum)
    self.cpu = cpu
  }

  public var grace: Int64 { hard == .max ? Self.standardGrace : hard - soft }
}

/// A policy that jobs share.
public final class SharedPolicy: Sendable {
  public let value: JobPolicy
  public init(_ value: JobPolicy) { self.value = value }

  /// The same with what is relative to the present resolved as in an earlier window.
  func resolved(as before: FireWindow) -> SharedPolicy {
    guard value.window.fromText != nil || value.window.tillText != nil else { return self }
    var policy = value
    policy.window = policy.window.resolved(as: before)
    return SharedPolicy(policy)
  }
}

/// What a script says of one job.
public struct Registration: Sendable {
  public var handle: JobHandle
  /// Given by the script, or derived from trigger and order.
  public let name: String
  public var trigger: JobTrigger
  public var policy: SharedPolicy
  public var callback: CallbackID
  /// Where in the script, counted from 1; 0 is unknown.
  public var line: Int32
  /// Registered by a callback: gone with its generation, and when it has ended.
  public var isDynamic: Bool
  /// The script gave the name.
  public var isNamed: Bool

  public init(
    handle: JobHandle, name: String, trigger: JobTrigger, policy: SharedPolicy,
    callback: CallbackID, line: Int32, isDynamic: Bool, isNamed: Bool = true
  ) {
    self.handle = handle
    self.name = name
    self.trigger = trigger
    self.policy = policy
    self.callback = callback
    self.line = line
    self.isDynamic = isDynamic
    self.isNamed = isNamed
  }
}

/// What can be asked about a job.
public struct JobStatus: Sendable, Hashable {
  public enum State: String, Sendable {
    case active
    case paused
    /// By `cancel`; holds until resumed, or until the trigger changes.
    case cancelled
    /// The trigger has no further fire.
    case finished
  }

  public var state: State
  public var next: Timestamp?
  public var lastStarted: Timestamp?
  public var runs: Int64
  public var running: Int
  public var waiting: Int
  /// Why it is paused, or was cancelled.
  public var reason: String?
  /// Its row in the store.
  public var key = StoreKey.none
}
