import Triggers

/// How far a run has come, in the words of the command line and of the store.
public enum RunStatus: String, Sendable, Hashable, CaseIterable {
  case running
  case succeeded
  case failed
  case timedOut = "timed_out"
  case cancelled
  case dropped
  case evicted
  /// Cut off by a crash of the host, or by the eviction of another run.
  case abandoned

  /// Whether it ended as asked.
  public var isGood: Bool { self == .running || self == .succeeded }
}

/// One attempt of one run, as the history keeps it. Durations are nanoseconds.
public struct RunRecord: Sendable, Hashable {
  public var run: Run.ID
  public var attempt: Int32
  public var job: StoreKey
  /// Of the job, filled in when it is read.
  public var script: String = ""
  public var name: String = ""
  /// The job's count of runs.
  public var number: Int64
  public var status: RunStatus
  public var scheduledAt: Timestamp
  public var startedAt: Timestamp
  /// Nil while it is under way.
  public var endedAt: Timestamp?
  /// Time on a worker.
  public var processorTime: Int64
  /// Bytes that its isolate held at most while it ran; 0 is unknown.
  public var peakMemory: Int64
  public var result: Value
  /// Nil where it ended well.
  public var failure: RunFailure?
  /// The first lines and the last ones, up to a bound.
  public var log: [LogLine]
  /// Lines that the bound left out.
  public var omittedLines: Int

  public init(
    run: Run.ID, attempt: Int32 = 1, job: StoreKey, number: Int64 = 1, status: RunStatus,
    scheduledAt: Timestamp, startedAt: Timestamp, endedAt: Timestamp? = nil,
    processorTime: Int64 = 0, peakMemory: Int64 = 0, result: Value = .nil,
    failure: RunFailure? = nil, log: [LogLine] = [], omittedLines: Int = 0
  ) {
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

  /// How late it started.
  public var lateness: Int64 { max(0, scheduledAt.distance(to: startedAt)) }
  /// Nil while it is under way.
  public var duration: Int64? { endedAt.map { max(0, startedAt.distance(to: $0)) } }
}

/// Runs of one job that succeeded so often that they are kept as a sum. Durations are nanoseconds.
public struct RunSummary: Sendable, Hashable {
  public var job: StoreKey
  public var script: String = ""
  public var name: String = ""
  /// Nominal instants of the first and of the last of them.
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
