import Triggers

/// What outlives the host of a job. Matched by script and name when the script is loaded again.
public struct StoredJob: Sendable, Hashable {
  public var key: StoreKey
  public var script: String
  public var name: String
  /// The script gave the name; else it is derived from trigger and order.
  public var isNamed: Bool
  /// ``JobTrigger/identity``: with another one, the job begins anew.
  public var trigger: String
  /// Wall time from which a period counts.
  public var anchor: Timestamp
  /// Wall time of the first registration.
  public var registered: Timestamp
  /// Instants up to here are settled, or do not count: the job was registered, changed, resumed or caught up with then.
  public var since: Timestamp
  /// What the options say of when it fires; nil in a store of an older version.
  public var timing: String?
  /// Whether it has the option `paused`; nil in a store of an older version.
  public var hasPausedOption: Bool?
  /// What `from` and `till` were resolved to, where they are times.
  public var from: Timestamp?
  public var till: Timestamp?
  /// The instants that a text relative to the present (`at 18:00`) was resolved to; empty for other triggers.
  public var instants: [Timestamp]
  /// The nominal instant that waits to be handled, where it cannot be computed from the others: of a paused job, or one
  /// whose next fire depends on the one before (random gaps, functions, fixed delays). Of a job that is active it counts
  /// only while it is later than what the host had handled.
  public var due: Timestamp?
  /// Fires since the first registration.
  public var fires: Int64
  /// Runs since the first registration.
  public var runs: Int64
  public var lastStarted: Timestamp?
  public var state: JobStatus.State
  /// Why it is paused, was cancelled, or has ended.
  public var reason: String?
  /// How many runs are kept, and how many of them that failed.
  public var history: Int
  public var failures: Int
  /// Since when no script has had the job; nil while one does.
  public var orphanedAt: Timestamp?

  public init(
    key: StoreKey, script: String, name: String, isNamed: Bool = true, trigger: String,
    anchor: Timestamp, registered: Timestamp, since: Timestamp? = nil, timing: String? = nil,
    hasPausedOption: Bool? = nil, from: Timestamp? = nil, till: Timestamp? = nil,
    instants: [Timestamp] = [], due: Timestamp? = nil,
    fires: Int64 = 0, runs: Int64 = 0, lastStarted: Timestamp? = nil,
    state: JobStatus.State = .active, reason: String? = nil, history: Int = 100,
    failures: Int = 1_000, orphanedAt: Timestamp? = nil
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
    self.orphanedAt = orphanedAt
  }
}
