import Triggers

/// The part of a job that outlives the host. When its script is loaded again, the job is found by script and name.
public struct StoredJob: Sendable, Hashable {
  public var key: StoreKey
  public var script: String
  public var name: String
  /// True if the script gave the name. Otherwise the name is derived from the trigger and the order of registration.
  public var isNamed: Bool
  /// ``JobTrigger/identity``. A job whose trigger has another identity starts over.
  public var trigger: String
  /// The wall time from which a period counts.
  public var anchor: Timestamp
  /// The wall time of the first registration.
  public var registered: Timestamp
  /// Instants up to this time are handled, or do not count: the job was registered, changed, resumed or caught up then.
  public var since: Timestamp
  /// ``JobPolicy/timing``; nil in a store of an older version.
  public var timing: String?
  /// True if the script gave the option `paused`; nil in a store of an older version.
  public var hasPausedOption: Bool?
  /// The times to which the options `from` and `till` were resolved; nil where they are lengths or missing.
  public var from: Timestamp?
  public var till: Timestamp?
  /// The instants to which a trigger relative to the present (`at 18:00`) was resolved; empty for other triggers.
  public var instants: [Timestamp]
  /// The nominal instant of the next fire, if it cannot be computed from the other properties: the job is paused, or
  /// its next fire depends on the previous one (random gaps, functions, fixed delays). For an active job it counts only
  /// while it is later than the time up to which the host has handled fires.
  public var due: Timestamp?
  /// The number of fires since the first registration.
  public var fires: Int64
  /// The number of runs since the first registration.
  public var runs: Int64
  public var lastStarted: Timestamp?
  public var state: JobStatus.State
  /// The reason why the job is paused, was cancelled, or has ended.
  public var reason: String?
  /// The number of runs that the history keeps and, in `failures`, of failed runs.
  public var history: Int
  public var failures: Int
  /// Why no script has had the job in the last host; nil if one had it.
  public var absence: Absence?

  public enum Absence: Sendable, Hashable {
    /// Since this time no script has had the job.
    case removed(Timestamp)
    /// Its script is there and does not load. The fires of the job are handled up to this time.
    case unloaded(Timestamp)
  }

  public init(
    key: StoreKey, script: String, name: String, isNamed: Bool = true, trigger: String,
    anchor: Timestamp, registered: Timestamp, since: Timestamp? = nil, timing: String? = nil,
    hasPausedOption: Bool? = nil, from: Timestamp? = nil, till: Timestamp? = nil,
    instants: [Timestamp] = [], due: Timestamp? = nil,
    fires: Int64 = 0, runs: Int64 = 0, lastStarted: Timestamp? = nil,
    state: JobStatus.State = .active, reason: String? = nil, history: Int = 100,
    failures: Int = 1_000, absence: Absence? = nil
  ) {
    self.key = key
    self.script = script
    self.name = name
    self.isNamed = isNamed
    self.trigger = trigger
    self.anchor = anchor
    self.registered = registered
    self.since = since ?? registered
    self.timing = timing
    self.hasPausedOption = hasPausedOption
    self.from = from
    self.till = till
    self.instants = instants
    self.due = due
    self.fires = fires
    self.runs = runs
    self.lastStarted = lastStarted
    self.state = state
    self.reason = reason
    self.history = history
    self.failures = failures
    self.absence = absence
  }
}

extension StoredJob {
  /// The time since which no script has had the job; nil while one has it, or its script does not load.
  public var orphanedAt: Timestamp? {
    get { if case .removed(let since) = absence { since } else { nil } }
    set { absence = newValue.map { .removed($0) } }
  }

  /// The time up to which the fires are handled if the script does not load; nil if it does, or has not the job.
  public var unloadedSince: Timestamp? {
    get { if case .unloaded(let since) = absence { since } else { nil } }
    set { absence = newValue.map { .unloaded($0) } }
  }
}
