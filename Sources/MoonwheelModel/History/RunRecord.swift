import Triggers

/// The state of a run. The raw values are the words of the command line and of the store.
public enum RunStatus: String, Sendable, Hashable, CaseIterable {
  case running
  case succeeded
  case failed
  case timedOut = "timed_out"
  case cancelled
  case dropped
  case evicted
  /// A crash of the host, or the eviction of another run, ended it.
  case abandoned

  /// True while the run is under way and after success.
  public var isGood: Bool { self == .running || self == .succeeded }
}

/// One attempt of one run in the history. Durations are nanoseconds.
public struct RunRecord: Sendable, Hashable {
  public var run: Run.ID
  public var attempt: Int32
  public var job: StoreKey
  /// The job's script and, in `name`, its name. The store fills them in when it reads the record.
  public var script: String = ""
  public var name: String = ""
  /// The number of this run among the job's runs, from 1.
  public var number: Int64
  public var status: RunStatus
  public var scheduledAt: Timestamp
  public var startedAt: Timestamp
  /// Nil while the run is under way.
  public var endedAt: Timestamp?
  /// Time that the run spent on a worker.
  public var processorTime: Int64
  /// The most bytes that the isolate held during the run; 0 is unknown.
  public var peakMemory: Int64
  public var result: Value
  /// Nil for a run that succeeded.
  public var failure: RunFailure?
  /// The first and the last lines, up to a bound.
  public var log: [LogLine]
  /// The number of lines between them that were not kept.
  public var omittedLines: Int
  /// What the run began and has not ended, although the run has: `child 123`; nil for nothing.
  public var ending: String?
  /// Why the run has started, and what it got; nil in a store of an older version.
  public var cause: RunCause?
  /// The version of the script's texts; nil if it is unknown.
  public var version: SourceVersion?
  /// For the result, the failure and the log, until a store has them.
  public var hold: MemoryHold

  public init(
    run: Run.ID, attempt: Int32 = 1, job: StoreKey, number: Int64 = 1, status: RunStatus,
    scheduledAt: Timestamp, startedAt: Timestamp, endedAt: Timestamp? = nil,
    processorTime: Int64 = 0, peakMemory: Int64 = 0, result: Value = .nil,
    failure: RunFailure? = nil, log: [LogLine] = [], omittedLines: Int = 0,
    cause: RunCause? = nil, version: SourceVersion? = nil,
    hold: MemoryHold = .none
  ) {
    self.cause = cause
    self.version = version
    self.hold = hold
    self.run = run
    self.attempt = attempt
    self.job = job
    self.number = number
    self.status = status
    self.scheduledAt = scheduledAt
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.processorTime = processorTime
    self.peakMemory = peakMemory
    self.result = result
    self.failure = failure
    self.log = log
    self.omittedLines = omittedLines
  }

  /// How late the run started, in nanoseconds.
  public var lateness: Int64 { max(0, scheduledAt.distance(to: startedAt)) }
  /// How long the run took, in nanoseconds; nil while it is under way.
  public var duration: Int64? { endedAt.map { max(0, startedAt.distance(to: $0)) } }
}

/// The sum of successful runs of one job that ran too often to keep each run. Durations are nanoseconds.
public struct RunSummary: Sendable, Hashable {
  public var job: StoreKey
  public var script: String = ""
  public var name: String = ""
  /// The nominal instants of the first run and, in `through`, of the last.
  public var from: Timestamp
  public var through: Timestamp
  public var count: Int64
  public var totalDuration: Int64
  public var longestDuration: Int64
  public var totalLateness: Int64
  public var longestLateness: Int64
  public var processorTime: Int64

  public init(
    job: StoreKey, from: Timestamp, through: Timestamp, count: Int64, totalDuration: Int64,
    longestDuration: Int64, totalLateness: Int64, longestLateness: Int64, processorTime: Int64
  ) {
    self.job = job
    self.from = from
    self.through = through
    self.count = count
    self.totalDuration = totalDuration
    self.longestDuration = longestDuration
    self.totalLateness = totalLateness
    self.longestLateness = longestLateness
    self.processorTime = processorTime
  }
}
