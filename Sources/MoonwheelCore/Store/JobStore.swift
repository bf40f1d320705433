import Triggers

/// Where jobs, promised runs, history and decisions are kept: what outlives a host.
///
/// ``load()`` comes first, once. ``commit(_:isDurable:)`` and the queries are called by one thread, the writer; only a
/// store that is opened for reading alone is used elsewhere. Two conformers: `MemoryJobStore` and `SQLiteJobStore`, which
/// pass the same suite, `JobStoreConformance`.
public protocol JobStore: AnyObject, Sendable {
  /// Whether what is committed outlives the process.
  var isDurable: Bool { get }

  /// What was kept. Makes or migrates what is there. Runs that were under way when the host ended are still `running`.
  func load() throws(StoreError) -> StoredState

  /// Makes all changes or none, in their order. With `isDurable`, what was changed survives a loss of power when this
  /// returns; without, it survives the end of the process.
  func commit(_ changes: [StoreChange], isDurable: Bool) throws(StoreError)

  /// Newest first: by nominal instant, run and attempt.
  func runs(_ query: RunQuery) throws(StoreError) -> [RunRecord]
  /// Newest first: by last instant, then by first.
  func summaries(_ query: RunQuery) throws(StoreError) -> [RunSummary]
  /// Newest first: by last instant, then by id.
  func decisions(_ query: RunQuery) throws(StoreError) -> [Decision]
  /// All jobs, or those of a name: of each script, or of one.
  func jobs(script: String?, name: String?) throws(StoreError) -> [StoredJob]
  /// Promised runs of a job that have not ended, oldest first.
  func pendingRuns(of job: StoreKey) throws(StoreError) -> [PendingRun]
  /// The last good version of a script; nil where none is kept.
  func sources(of script: String) throws(StoreError) -> StoredSources?

  /// Gives back what the history has beyond its bounds, in a small step; whether there may be more to do.
  ///
  /// Of a job with new rows since the store was loaded, these stay: the newest ``StoredJob/history`` runs that ended well and
  /// ``StoredJob/failures`` that did not, as many sums as the former and as many decisions as the latter. What is of a later
  /// time than `now`, since the clock has been set back, stays besides, and does not count: what comes now is the newest.
  func prune(at now: Timestamp) throws(StoreError) -> Bool

  func close()
}

/// What a store has when a host starts.
public struct StoredState: Sendable {
  public var jobs: [StoredJob]
  /// `run.state` of jobs that have one.
  public var states: [StoreKey: Value]
  public var pendingRuns: [PendingRun]
  /// Runs that were under way when the host ended.
  public var interrupted: [RunRecord]
  /// Every fire up to here was handled.
  public var handledThrough: Timestamp?
  /// The greatest that was given out; 0 if there was none.
  public var lastRun: Run.ID
  public var lastKey: StoreKey
  public var lastDecision: Decision.ID
  /// What jitter is drawn from, so that it is the same after a restart; nil in a new store.
  public var seed: UInt64?

  public init(
    jobs: [StoredJob] = [], states: [StoreKey: Value] = [:], pendingRuns: [PendingRun] = [],
    interrupted: [RunRecord] = [], handledThrough: Timestamp? = nil,
    lastRun: Run.ID = Run.ID(rawValue: 0), lastKey: StoreKey = .none,
    lastDecision: Decision.ID = Decision.ID(rawValue: 0), seed: UInt64? = nil
  ) {
    self.jobs = jobs
    self.states = states
    self.pendingRuns = pendingRuns
    self.interrupted = interrupted
    self.handledThrough = handledThrough
    self.lastRun = lastRun
    self.lastKey = lastKey
    self.lastDecision = lastDecision
    self.seed = seed
  }
}

/// One change of what is stored. A change of a row that is not there changes nothing, and nor does what hangs on a job that
/// is not there.
public enum StoreChange: Sendable, Hashable {
  /// All of a job's row but its `run.state`; added, or replaced by key.
  indirect case job(StoredJob)
  /// `due` and `since` as in ``StoredJob``.
  case status(StoreKey, JobStatus.State, reason: String?, due: Timestamp?, since: Timestamp)
  case counts(StoreKey, runs: Int64, fires: Int64, lastStarted: Timestamp?, due: Timestamp?)
  /// Of `run.state`; nil takes it away.
  case state(StoreKey, Value)
  /// No script has the job any more; nil when one has it again.
  case orphaned(StoreKey, Timestamp?)
  /// The job and all that hangs on it.
  case forget(StoreKey)
  /// Added, or replaced by run.
  indirect case pendingRun(PendingRun)
  case pendingRunStatus(Run.ID, PendingRun.Status, crashes: Int32)
  case pendingRunEnded(Run.ID)
  /// A run is under way; its end replaces this.
  indirect case began(RunRecord)
  indirect case ended(RunRecord)
  /// Added, or replaced by job and ``RunSummary/from``.
  indirect case summary(RunSummary)
  /// Added, or replaced by id.
  indirect case decision(Decision)
  /// More of the same: the count of all.
  case decisionGrew(Decision.ID, through: Timestamp, count: Int64)
  /// Every fire up to here was handled.
  case handled(through: Timestamp)
  case seed(UInt64)
  /// The last good version of a script, instead of the one before; the same version keeps its time.
  indirect case sources(StoredSources)
  /// Versions of no other scripts are kept any longer.
  case forgetSources(except: Set<String>)
  /// The last good version of one script.
  case forgetSourcesOf(String)
}

/// Which runs, summaries or decisions are wanted. What is nil does not matter.
public struct RunQuery: Sendable, Hashable {
  public var job: StoreKey?
  public var script: String?
  public var name: String?
  public var run: Run.ID?
  public var status: RunStatus?
  /// Nominal instants, inclusive.
  public var since: Timestamp?
  public var through: Timestamp?
  public var limit: Int

  public init(
    job: StoreKey? = nil, script: String? = nil, name: String? = nil, run: Run.ID? = nil,
    status: RunStatus? = nil, since: Timestamp? = nil, through: Timestamp? = nil, limit: Int = 100
  ) {
    self.job = job
    self.script = script
    self.name = name
    self.run = run
    self.status = status
    self.since = since
    self.through = through
    self.limit = limit
  }
}

/// Why a store cannot do what it is asked; says what to do about it.
public struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Code: String, Sendable {
    /// Another host has it open for writing.
    case held
    /// Locked for the moment by another process.
    case busy
    case readOnly
    case full
    /// Damaged.
    case corrupt
    /// A file of another program.
    case foreign
    /// Written by a newer version.
    case newer
    case missing
    /// Another file is there now than the one that the host has open.
    case replaced
    /// Reading or writing failed for another reason.
    case io
    /// Closed, or not loaded.
    case closed
  }

  public let code: Code
  /// Names the file and the remedy.
  public let description: String

  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
