import Triggers

/// When a job runs.
public enum JobTrigger: Sendable, Hashable {
  /// Only when asked to.
  case onDemand
  case time(Trigger)
  case event(EventPattern)

  /// Identity of the trigger and base of a derived name.
  public var text: String {
    switch self {
    case .onDemand: "on demand"
    case .time(let trigger): trigger.text
    case .event(let pattern): "on \(pattern.text)"
    }
  }

  /// Whether a reload with the other trigger leaves a job as it is. A text that is relative to the present, such as
  /// `at 18:00`, is resolved once.
  func continues(as other: JobTrigger) -> Bool {
    if self == other { return true }
    guard case .time(.calendar(let old)) = self, case .time(.calendar(let new)) = other,
      Trigger.calendar(old).instants?.isRelative == true,
      Trigger.calendar(new).instants?.isRelative == true
    else { return false }
    return old.text == new.text && old.zone == new.zone
  }

  public var words: String {
    switch self {
    case .onDemand: "when triggered"
    case .time(let trigger): trigger.words
    case .event(let pattern): "on the event \(pattern.text)"
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

  public init(
    overlap: Overlap = .skip, queue: Int = 1, maxInstances: Int = 16, fixedDelay: Bool = false,
    now: Bool = false, priority: Int = 0, paused: Bool = false, arguments: Value = .nil,
    tags: [String] = [], limits: RunLimits = RunLimits(),
    window: FireWindow = FireWindow()
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
  }
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
}

/// What a script says of one job.
public struct Registration: Sendable {
  public var handle: JobHandle
  /// Given by the script, or derived from trigger and order.
  public var name: String
  public var trigger: JobTrigger
  public var policy: SharedPolicy
  public var callback: CallbackID
  /// Where in the script, counted from 1; 0 is unknown.
  public var line: Int32
  /// Registered by a callback: gone with its generation, and when it has ended.
  public var isDynamic: Bool

  public init(
    handle: JobHandle, name: String, trigger: JobTrigger, policy: SharedPolicy,
    callback: CallbackID, line: Int32, isDynamic: Bool
  ) {
    self.handle = handle
    self.name = name
    self.trigger = trigger
    self.policy = policy
    self.callback = callback
    self.line = line
    self.isDynamic = isDynamic
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
}
