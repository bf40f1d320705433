/// The policy for a fire that meets a run of the same job under way.
public enum Overlap: String, Sendable, Hashable, CaseIterable {
  /// The fire does not run.
  case skip
  /// The fire waits for its turn, in order, up to a bound.
  case queue
  /// The run under way is cancelled, and the fire runs when it has ended.
  case replace
  /// Both run, up to a bound.
  case allow
}

/// The options of a job. Most jobs of a script share one policy.
public struct JobPolicy: Sendable, Hashable {
  public var overlap = Overlap.skip
  /// The most fires that wait, with ``Overlap/queue``.
  public var backlog = 1
  /// The most runs at once, with ``Overlap/allow``.
  public var maxInstances = 16
  /// The period counts from the end of a run.
  public var fixedDelay = false
  /// The job also fires when it is first added.
  public var now = false
  /// Of the runs of one script that are due at once, those with a higher priority start first.
  public var priority = 0
  /// The job is registered, but does not fire.
  public var paused = false
  /// Passed as `run.args`.
  public var arguments = Value.nil
  public var tags: [String] = []
  public var limits = RunLimits()
  public var window = FireWindow()
  /// The most nanoseconds after its instant that a fire may start. A later one is a misfire.
  public var grace: Int64?
  /// Nil is ``Catchup/latest`` for a named job on a durable store, and ``Catchup/none`` otherwise.
  public var catchup: Catchup?
  /// The most missed fires that run, with ``Catchup/all``.
  public var catchupLimit = 1_000
  public var retry: RetryPolicy?
  /// True if a run that a crash or another run's eviction interrupted starts again. With nil, only retries and runs
  /// that a script or a user asked for do.
  public var restart: Bool?
  /// The number of runs that the history keeps and, in `failures`, of failed runs.
  public var history = 100
  public var failures = 1_000
  /// Each run has a Lua state of its own.
  public var isolatesRuns = false
  /// The most bytes that the Lua state of a run may hold, with `isolatesRuns`.
  public var memory: Int?
  /// The initial `run.state`; nil is no state.
  public var state: Value?
  public var hooks: Hooks = []
  /// The URL that the host requests after each run that succeeds.
  public var ping: String?
  private var gathering = Gathering()

  public init() {}

  /// The options that determine when the job fires, as a text for the store.
  package var timing: String {
    let jitter = window.jitter > 0 ? "jitter \(window.jitter)" : ""
    return [window.identity, jitter, fixedDelay ? Self.fixedDelayWord : ""].filter { !$0.isEmpty }
      .joined(separator: "; ")
  }

  package static let fixedDelayWord = "fixed_delay"

  /// True if a run may get several events.
  public var gathersEvents: Bool { debounce != nil || batch != nil }
}

/// How a handler gathers events.
private struct Gathering: Sendable, Hashable {
  var debounce: Int64?
  var batch: Int?
}

extension JobPolicy {
  /// A run gets all events that arrive until none has come for this many nanoseconds.
  public var debounce: Int64? {
    get { gathering.debounce }
    set { gathering.debounce = newValue }
  }

  /// The most events for one run; nil is one, or the whole queue with `debounce`.
  public var batch: Int? {
    get { gathering.batch }
    set { gathering.batch = newValue }
  }
}

/// The policy for fires that were missed while the host was down or asleep, the job was paused, or the clock jumped.
public enum Catchup: String, Sendable, Hashable, CaseIterable {
  case none
  /// One run stands for all of them.
  case latest
  /// Each runs, oldest first, one after the other, whatever `overlap` says.
  case all
}

/// The callbacks that a job has for the ends of its runs. The generation's isolate holds the functions.
public struct Hooks: OptionSet, Sendable, Hashable {
  public var rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let success = Hooks(rawValue: 1)
  public static let failure = Hooks(rawValue: 2)
  public static let retry = Hooks(rawValue: 4)
  public static let missed = Hooks(rawValue: 8)
}

/// A policy behind a reference, shared by jobs.
public final class SharedPolicy: Sendable {
  public let value: JobPolicy
  /// For `args`, `state` and the other data of the policy.
  public let hold: MemoryHold

  public init(_ value: JobPolicy, hold: MemoryHold = .none) {
    self.value = value
    self.hold = hold
  }

  /// Resolves texts that are relative to the present as in an earlier window.
  package func resolved(as before: FireWindow) -> SharedPolicy {
    guard value.window.fromText != nil || value.window.tillText != nil else { return self }
    var policy = value
    policy.window = policy.window.resolved(as: before)
    return SharedPolicy(policy, hold: hold)
  }
}
